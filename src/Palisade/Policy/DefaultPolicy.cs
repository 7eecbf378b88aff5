namespace Palisade.Policy;

/// <summary>The policy that a new installation begins with.</summary>
public static class DefaultPolicy
{
    public const string Text =
        """
        // What happens to uploads. Read once, when the service starts.
        // `palisade policy test FILE...` shows what this policy makes of a file, and why, without storing anything.
        {
          // Holds for every service below unless the service says otherwise.
          "defaults": {
            // Which banks apply: "*" is every bank, "purpose:known-material" every bank of that purpose,
            // and anything else is one bank's name.
            "banks": ["*"],

            // What a match leads to, by the bank's purpose: allow, hold (a person decides) or block.
            // A bank's own allowed action is the upper limit, whatever stands here.
            // exact: the very same bytes. An MD5 or SHA-1 alone leads to hold at most, since those can be forged.
            "exact": {
              "known-material": "block",
              "intimate-image": "block",
              "protected-photo": "hold",
              "practice": "block",
            },
            // near: a picture that looks the same (PDQ within the bank's distance).
            "near": {
              "known-material": "hold",
              "intimate-image": "hold",
              "protected-photo": "hold",
              "practice": "hold",
            },

            // A picture that cannot be read, and a file that is no picture or of a form never opened (SVG, PDF ...).
            "undecodable": "hold",
            "refused": "hold",

            // stored: as the file's pixels lie. all: also turned and mirrored, eight look-ups instead of one.
            "orientations": "stored",
            // full: the hash the field exchanges. Add "nn512" to ask with the older tool's hash as well.
            "profiles": ["full"],

            // Copies that were partly repainted, cropped or pasted, of pictures that were added with --regions. Asked for uploads that
            // match nothing else. off: never. wait: before the answer. after: the answer comes at once, and a verdict that is
            // not clean follows by the feed and the webhook. What they lead to is what stands under near, hold at most.
            "regions": "off",
            // A match that is only possible (few points): allow records it for reviewers, hold sends each to a person.
            "possible": "allow",
          },

          // The surfaces of your platform. An upload names one of them; any other name is refused.
          "services": {
            "avatars": {},
            "chat-images": { "orientations": "all" },
            "image-generator": { "orientations": "all", "profiles": ["full", "nn512"] },
          },
        }

        """;
}
