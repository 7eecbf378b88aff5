using System.Globalization;
using Palisade.Server.Options;

namespace Palisade.Server.Api;

/// <summary>What Retry-After says with every 429 and 503, in whole seconds.</summary>
public sealed class RetryAdvice(LimitOptions limits)
{
    public string Seconds { get; } = Math.Ceiling(limits.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
