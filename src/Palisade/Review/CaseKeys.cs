using Palisade.Banks;
using Palisade.Storage;

namespace Palisade.Review;

/// <summary>
/// By what two uploads are taken for the same picture: the same bytes, the same nearest signal, or the platform's own name
/// for the content. One of them is enough.
/// </summary>
internal static class CaseKeys
{
    public static IEnumerable<string> Of(string service, CaseUploadFacts facts)
    {
        if (facts.Digests.TryGetValue("sha256", out var sha256))
        {
            yield return $"sha256|{sha256}";
        }

        // The look of the picture before its bytes: one saved anew has other bytes and still the same nearest signal. Of a
        // look-up by MD5 or SHA-1 the signal itself is all there is.
        var acting = facts.Matches.Where(match => !match.Shadow).ToList();
        var pdq = Words.Of(SignalType.Pdq);
        var nearest = acting.Where(match => match.Type == pdq).MinBy(match => match.Distance) ?? acting.FirstOrDefault();
        if (nearest is not null)
        {
            yield return $"signal|{nearest.Signal}";
        }

        if (facts.ContentId is { } content)
        {
            yield return $"content|{service}|{content}";
        }
    }
}
