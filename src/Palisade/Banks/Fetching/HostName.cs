using System.Buffers;

namespace Palisade.Banks.Fetching;

/// <summary>The narrow form of host name that is ever fetched from.</summary>
internal static class HostName
{
    private static readonly SearchValues<char> LabelCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    /// <summary>
    /// Two labels or more of letters, digits and inner hyphens (RFC 1123 section 2.1), at most 253 characters, the last
    /// one beginning with a letter: so no way to write an IP address passes, and no other alphabet than in its
    /// <c>xn--</c> form.
    /// </summary>
    public static bool IsPlain(string host)
    {
        var labels = host.Split('.');
        return host.Length <= 253
            && labels.Length >= 2
            && labels.All(label => label.Length is >= 1 and <= 63
                && label[0] != '-'
                && label[^1] != '-'
                && !label.AsSpan().ContainsAnyExcept(LabelCharacters))
            && char.IsAsciiLetter(labels[^1][0]);
    }
}
