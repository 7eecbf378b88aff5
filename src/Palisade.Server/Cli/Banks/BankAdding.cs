using Palisade.Banks;
using Palisade.Banks.Fetching;
using Palisade.Decoding;
using Palisade.Scanning;
using Palisade.Signals.Digests;

namespace Palisade.Server.Cli.Banks;

/// <summary>Adds fingerprints to one bank and counts what became of them; each refusal is said as it happens.</summary>
internal sealed class BankAdding(Installation records, Bank bank, Terminal terminal)
{
    /// <summary>What is to go into a never-match bank: one approval covers all of it, so it goes in together.</summary>
    private readonly List<NewSignal> _waiting = [];

    public int Added { get; private set; }

    public int AlreadyThere { get; private set; }

    public int Refused { get; private set; }

    /// <summary>Pictures are enrolled by their regions as well.</summary>
    public bool WithRegions { get; init; }

    public int RegionsAdded { get; private set; }

    public int RegionsThere { get; private set; }

    /// <summary>Pictures that have PDQ and digest only.</summary>
    public int WithoutRegions { get; private set; }

    public async Task AddAsync(string from, IReadOnlyList<NewSignal> wishes, CancellationToken cancellationToken)
    {
        if (wishes.Count == 0)
        {
            return;
        }

        if (bank.Purpose == BankPurpose.NeverMatch)
        {
            _waiting.AddRange(wishes);
            return;
        }

        Count(from, await records.Banks.AddSignalsAsync(bank.Id, wishes, DataFolder.Me, cancellationToken));
    }

    /// <summary>Adds what had to wait for a second person's approval.</summary>
    /// <returns>Null, or why nothing of it was added.</returns>
    public async Task<BankRefused?> FinishAsync(long? approval, CancellationToken cancellationToken)
    {
        if (_waiting.Count == 0)
        {
            return null;
        }

        var answers = await records.Banks.AddSignalsAsync(bank.Id, _waiting, approval, DataFolder.Me, cancellationToken);
        if (answers[0].Refusal is BankRefused.SecondPersonNeeded or BankRefused.NotApproved)
        {
            return answers[0].Refusal;
        }

        Count(bank.Name, answers);
        return null;
    }

    /// <summary>Adds a picture's codes to the first of its signals that the bank holds: its look, or else its digest.</summary>
    private async Task AddRegionsAsync(
        string from, PictureRegions regions, IReadOnlyList<BankAnswer<Signal>> answers, CancellationToken cancellationToken)
    {
        var signals = answers.Select(answer => answer.Value?.Id ?? (answer.Refusal as BankRefused.AlreadyThere)?.Signal).OfType<SignalId>();
        if (regions.Codes is not { } codes)
        {
            WithoutRegions++;
            terminal.Complain($"{from}: {new BankRefused.TooLittleTexture().Reason}");
        }
        else if (signals.Any())
        {
            var map = records.Options.Regions.Map ? regions.Map : null;
            switch ((await records.Regions.AddAsync(signals.First(), codes, map, DataFolder.Me, cancellationToken)).Refusal)
            {
                case null:
                    RegionsAdded++;
                    break;
                case BankRefused.RegionsThere:
                    RegionsThere++;
                    break;
                case var refusal:
                    Refuse(from, refusal.Reason);
                    break;
            }
        }
    }

    private void Count(string from, IReadOnlyList<BankAnswer<Signal>> answers)
    {
        foreach (var answer in answers)
        {
            switch (answer.Refusal)
            {
                case null:
                    Added++;
                    break;
                case BankRefused.AlreadyThere:
                    AlreadyThere++;
                    break;
                case var refusal:
                    Refuse(from, refusal.Reason);
                    break;
            }
        }
    }

    public async Task AddFilesAsync(List<PictureFile> files, CancellationToken cancellationToken)
    {
        if (files.Count == 0)
        {
            return;
        }

        await using var decoders = await LocalDecoders.StartAsync(files.Count, records.Options.DecoderInForce, cancellationToken);
        using var progress = new Progress(terminal, TimeProvider.System, "Adding", "files", files.Count);
        var read = InOrder.SelectAsync(
            files, decoders.AtOnce, async (file, token) => (file.Path, await ReadAsync(file, decoders, token)), cancellationToken);
        await foreach (var (file, fingerprints) in read)
        {
            progress.Clear();
            await AddAsync(file, fingerprints, cancellationToken);
            progress.Advance();
        }
    }

    /// <summary>Fetches each picture, in turn, and adds it. Where fetching is off it says so once and asks nobody.</summary>
    public async Task AddAddressesAsync(
        IReadOnlyList<string> addresses, UrlFetch fetch, CancellationToken cancellationToken)
    {
        if (addresses.Count == 0)
        {
            return;
        }

        if (!fetch.IsSwitchedOn)
        {
            Refused += addresses.Count;
            terminal.Complain(
                "Fetching by address is off. Name the hosts that may be asked in fetch.allowedHosts of palisade.json, " +
                "or for one command in PALISADE__FETCH__ALLOWEDHOSTS__0; or add the file itself.");
            return;
        }

        await using var decoders = await LocalDecoders.StartAsync(files: 1, records.Options.DecoderInForce, cancellationToken);
        using var progress = new Progress(terminal, TimeProvider.System, "Fetching", "addresses", addresses.Count);
        foreach (var address in addresses)
        {
            var fingerprints = await fetch.FetchAsync(address, cancellationToken) switch
            {
                FetchOutcome.Fetched { Bytes: var bytes } =>
                    await FingerprintAsync(bytes, NameIn(address), decoders, cancellationToken),
                FetchOutcome.Refused { Detail: var detail } => new Fingerprints([], detail),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            progress.Clear();
            await AddAsync(address, fingerprints, cancellationToken);
            progress.Advance();
        }
    }

    private async Task AddAsync(string from, Fingerprints fingerprints, CancellationToken cancellationToken)
    {
        if (fingerprints.Refusal is { } refusal)
        {
            Refuse(from, refusal);
        }

        if (fingerprints.Regions is not { } regions)
        {
            await AddAsync(from, fingerprints.Wishes, cancellationToken);
            return;
        }

        var answers = await records.Banks.AddSignalsAsync(bank.Id, fingerprints.Wishes, DataFolder.Me, cancellationToken);
        Count(from, answers);
        await AddRegionsAsync(from, regions, answers, cancellationToken);
    }

    private async Task<Fingerprints> ReadAsync(
        PictureFile file, LocalDecoders decoders, CancellationToken cancellationToken) =>
        await UploadReader.ReadAsync(file, decoders.MaxFileBytes, cancellationToken) switch
        {
            ReadUpload.Whole { Bytes: var bytes } =>
                await FingerprintAsync(bytes, Path.GetFileName(file.Path), decoders, cancellationToken),
            ReadUpload.Refused { Reason: var reason } => new Fingerprints([], PlainReason.Of(reason)),
            ReadUpload.Unreadable { Reason: var reason } => new Fingerprints([], PlainReason.Of(reason)),
            _ => new Fingerprints([], PlainReason.Of("too-large")),
        };

    private async Task<Fingerprints> FingerprintAsync(
        ReadOnlyMemory<byte> bytes, string name, LocalDecoders decoders, CancellationToken cancellationToken)
    {
        // A name is kept as the origin when it is short enough for the record.
        var origin = name is { Length: <= 200 } ? name : "a file";
        return await decoders.Pool.DecodeAsync(bytes, cancellationToken) switch
        {
            DecodeOutcome.Decoded { Picture.Frames: [var frame, ..] } => new Fingerprints(
                [
                    new NewSignal(new SignalValue(frame.Full.Hash), Quality: frame.Full.Quality, Origin: origin),
                    new NewSignal(new SignalValue(DigestCalculator.Compute(bytes.Span).Sha256), Origin: origin),
                ],
                Refusal: null)
            {
                Regions = WithRegions ? await PictureRegions.FindAsync(bytes, records.Options.Regions, decoders.Pool, cancellationToken) : null,
            },
            DecodeOutcome.Undecodable undecodable => new Fingerprints([], PlainReason.Of(Words.Of(undecodable.Reason))),
            _ => new Fingerprints([], PlainReason.Of("not-a-picture")),
        };
    }

    /// <summary>The file's name in an address; what follows a question mark may be somebody's secret and is not kept.</summary>
    private static string NameIn(string address) => Path.GetFileName(address.Split('?', '#')[0]);

    private void Refuse(string what, string why)
    {
        Refused++;
        terminal.Complain($"{what}: {why}");
    }

    /// <summary>What is to be added for one picture, or why nothing is.</summary>
    private sealed record Fingerprints(IReadOnlyList<NewSignal> Wishes, string? Refusal)
    {
        /// <summary>Null where they were not asked for.</summary>
        public PictureRegions? Regions { get; init; }
    }
}
