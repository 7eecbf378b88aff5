using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;

namespace Palisade.Audit.Witnessing;

/// <summary>
/// Shows checkpoints to the witnesses (C2SP tlog-witness) and collects their cosignatures. A witness that has seen more than
/// this log has, or another history, is a fault; one that is not reached is only waited for.
/// </summary>
internal sealed class WitnessCaller : IDisposable
{
    private const int LongestAnswer = 16 * 1024;

    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyList<Witness> _witnesses;
    private readonly HttpClient _http;

    public WitnessCaller(IReadOnlyList<WitnessOptions> witnesses)
    {
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = LongestCall })
        {
            Timeout = LongestCall,
            MaxResponseContentBufferSize = LongestAnswer,
        };
        _witnesses =
        [
            .. witnesses.Select(witness => new Witness(
                new Uri(witness.Url.TrimEnd('/') + "/add-checkpoint"),
                NoteKey.TryParse(witness.Key, out var key) ? key : throw new ArgumentException("A witness's key is no verifier key.", nameof(witnesses)))),
        ];
    }

    public IReadOnlyList<NoteKey> Keys => [.. _witnesses.Select(witness => witness.Key)];

    /// <summary>What a witness found; stays until the process ends, since only a person can mend it.</summary>
    public LogFault? Fault { get; private set; }

    /// <summary>Some witness has not been heard since this process began.</summary>
    public bool AreUnasked => _witnesses.Any(witness => !witness.IsAsked);

    /// <returns>The note with the cosignatures that came, or what a witness found.</returns>
    public async Task<(string Note, LogFault? Fault)> AskAsync(
        string note, Checkpoint checkpoint, TileFolder tiles, ILogger logger, CancellationToken cancellationToken)
    {
        foreach (var witness in _witnesses)
        {
            if (!SignedNote.TryParse(note, out var signed) || (witness.IsAsked && signed.IsSignedBy(witness.Key) == true))
            {
                continue;
            }

            try
            {
                note = await AskOneAsync(witness, signed, checkpoint, tiles, logger, cancellationToken) ?? note;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                logger.LogWarning("The witness {Witness} was not reached ({Reason}); it is asked again with the next checkpoint", witness.Key.Name, exception.Message);
            }

            if (Fault is not null)
            {
                break;
            }
        }

        return (note, Fault);
    }

    public void Dispose() => _http.Dispose();

    /// <returns>The note with one cosignature more; null when the witness gave none.</returns>
    private async Task<string?> AskOneAsync(
        Witness witness, SignedNote signed, Checkpoint checkpoint, TileFolder tiles, ILogger logger, CancellationToken cancellationToken)
    {
        // Twice: the first answer may tell us which size the witness knows.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var response = await _http.PostAsync(
                witness.Address, new StringContent(Request(witness.Size, signed, checkpoint, tiles), Encoding.UTF8), cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            witness.IsAsked = true;
            switch (response.StatusCode)
            {
                case HttpStatusCode.OK when Collect(signed, body, witness.Key) is { } cosigned:
                    witness.Size = checkpoint.Size;
                    return cosigned;

                case HttpStatusCode.Conflict when long.TryParse(body.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var size):
                    if (size > checkpoint.Size)
                    {
                        Fault = new LogFault(
                            $"The witness {witness.Key.Name} cosigned {size} entries of this log, and here it ends with entry {checkpoint.Size}: " +
                            $"entries {checkpoint.Size + 1} to {size} are missing, with everything else of that time. Stop Palisade and restore a newer backup.",
                            checkpoint.Size + 1,
                            size);
                        return null;
                    }

                    witness.Size = size;
                    break;

                case HttpStatusCode.UnprocessableEntity:
                    Fault = new LogFault(
                        $"The witness {witness.Key.Name} knows another history of the first {witness.Size} entries of this log than the one here. " +
                        "Keep both, find out which is right, and restore that one.",
                        1,
                        witness.Size);
                    return null;

                default:
                    logger.LogWarning(
                        "The witness {Witness} answered {Status} and cosigned nothing; it may not know this log's key yet (audit.pub)", witness.Key.Name, (int)response.StatusCode);
                    return null;
            }
        }

        return null;
    }

    private static string Request(long oldSize, SignedNote signed, Checkpoint checkpoint, TileFolder tiles)
    {
        var proof = new TiledTree(tiles, checkpoint.Size).ProveConsistency(oldSize);
        return string.Create(
            CultureInfo.InvariantCulture, $"old {oldSize}\n{string.Concat(proof.Select(hash => $"{hash}\n"))}\n{signed}");
    }

    /// <summary>Only this witness's own cosignature is taken from its answer, and only if it is good.</summary>
    private static string? Collect(SignedNote signed, string body, NoteKey witness)
    {
        foreach (var line in body.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (SignedNote.TryParse(SignedNote.Create(signed.Text, line).ToString(), out var one) && one.IsSignedBy(witness) == true)
            {
                return signed.With(witness, line).ToString();
            }
        }

        return null;
    }

    private sealed class Witness(Uri address, NoteKey key)
    {
        public Uri Address => address;

        public NoteKey Key => key;

        /// <summary>It has answered since this process began.</summary>
        public bool IsAsked { get; set; }

        /// <summary>What it cosigned last, as far as is known here.</summary>
        public long Size { get; set; }
    }
}
