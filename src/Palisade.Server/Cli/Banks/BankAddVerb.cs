using System.CommandLine;
using Palisade.Banks;
using Palisade.Decoding;
using Palisade.Signals.Digests;

namespace Palisade.Server.Cli.Banks;

internal static class BankAddVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The bank" };
        var paths = PathArgument.Create(
            "PATH", "Pictures or folders whose fingerprints are added", ArgumentArity.ZeroOrMore);
        var hashes = new List<(SignalType Type, int Digits, Option<string[]> Option)>();
        foreach (var (type, digits) in new[] { (SignalType.Pdq, 64), (SignalType.Md5, 32), (SignalType.Sha1, 40), (SignalType.Sha256, 64) })
        {
            hashes.Add((type, digits, new Option<string[]>($"--{Words.Of(type)}")
            {
                Description = $"A hash of {digits} hexadecimal digits; repeat for several",
                HelpName = "HEX",
            }));
        }

        var quality = new Option<int?>("--quality") { Description = "PDQ quality of the hashes given with --pdq, 0 to 100", HelpName = "QUALITY" };
        var verb = new Verb(
            "add",
            "Add fingerprints to a bank, live at once: of pictures (PDQ and SHA-256), or hashes by themselves.",
            "palisade bank add practice photo.jpg",
            "palisade bank add hotline-list --md5 0123456789abcdef0123456789abcdef")
        {
            ExitCodes = "0 all was added or there already, 2 something was refused",
        };
        verb.Add(name);
        verb.Add(paths);
        hashes.ForEach(hash => verb.Add(hash.Option));
        verb.Add(quality);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var wishes = new List<NewSignal>();
            foreach (var (type, digits, option) in hashes)
            {
                foreach (var text in parsed.GetValue(option) ?? [])
                {
                    if (!SignalValue.TryParse(type, text, out var value))
                    {
                        terminal.Complain($"'{text}' is no {Words.Of(type)} hash: {digits} hexadecimal digits are needed.");
                        return ExitCode.Error;
                    }

                    wishes.Add(new NewSignal(value, Quality: type == SignalType.Pdq ? parsed.GetValue(quality) : null, Origin: "command line"));
                }
            }

            var files = PictureFiles.Find(parsed.GetValue(paths) ?? [], cancellationToken);
            if (files.Count + wishes.Count == 0)
            {
                terminal.Complain("Name pictures, or hashes with --pdq, --md5, --sha1 or --sha256.");
                return ExitCode.Error;
            }

            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await DataFolder.FindBankAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } bank)
            {
                return ExitCode.Error;
            }

            var adding = new Adding(records.Banks, bank, terminal);
            await adding.AddAsync("from the command line", wishes, cancellationToken);
            await adding.AddFilesAsync(files, cancellationToken);
            terminal.Out.WriteLine($"{bank.Name}: {adding.Added:#,0} signals added, {adding.AlreadyThere:#,0} there already, {adding.Refused:#,0} refused.");
            return adding.Refused == 0 ? ExitCode.Ok : ExitCode.Error;
        });
        return verb;
    }

    private sealed class Adding(BankRegistry banks, Bank bank, Terminal terminal)
    {
        public int Added { get; private set; }

        public int AlreadyThere { get; private set; }

        public int Refused { get; private set; }

        public async Task AddAsync(string from, IReadOnlyList<NewSignal> wishes, CancellationToken cancellationToken)
        {
            if (wishes.Count == 0)
            {
                return;
            }

            foreach (var answer in await banks.AddSignalsAsync(bank.Id, wishes, DataFolder.Me, cancellationToken))
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

            await using var decoders = await LocalDecoders.StartAsync(files.Count, cancellationToken);
            using var progress = new Progress(terminal, TimeProvider.System, "Adding", "files", files.Count);
            var read = InOrder.SelectAsync(
                files, decoders.AtOnce, (file, token) => ReadAsync(file, decoders, token), cancellationToken);
            await foreach (var (file, wishes, refusal) in read)
            {
                progress.Clear();
                if (refusal is not null)
                {
                    Refuse(file, refusal);
                }

                await AddAsync(file, wishes, cancellationToken);
                progress.Advance();
            }
        }

        private static async Task<(string File, IReadOnlyList<NewSignal> Wishes, string? Refusal)> ReadAsync(
            PictureFile file, LocalDecoders decoders, CancellationToken cancellationToken)
        {
            switch (await UploadReader.ReadAsync(file, decoders.MaxFileBytes, cancellationToken))
            {
                case ReadUpload.Whole { Bytes: var bytes }:
                    var outcome = await decoders.Pool.DecodeAsync(bytes, cancellationToken);
                    return outcome is DecodeOutcome.Decoded { Picture.Frames: [var frame, ..] }
                        ? (file.Path, [
                            new NewSignal(new SignalValue(frame.Full.Hash), Quality: frame.Full.Quality, Origin: Origin(file)),
                            new NewSignal(new SignalValue(DigestCalculator.Compute(bytes).Sha256), Origin: Origin(file)),
                        ], null)
                        : (file.Path, [], outcome is DecodeOutcome.Undecodable undecodable
                            ? PlainReason.Of(Words.Of(undecodable.Reason))
                            : PlainReason.Of("not-a-picture"));

                case ReadUpload.Refused { Reason: var reason }:
                    return (file.Path, [], PlainReason.Of(reason));

                case ReadUpload.Unreadable { Reason: var reason }:
                    return (file.Path, [], PlainReason.Of(reason));

                default:
                    return (file.Path, [], PlainReason.Of("too-large"));
            }
        }

        /// <summary>The file's name without its folder, short enough for the record.</summary>
        private static string Origin(PictureFile file) => Path.GetFileName(file.Path) is { Length: <= 200 } name ? name : "a file";

        private void Refuse(string what, string why)
        {
            Refused++;
            terminal.Complain($"{what}: {why}");
        }
    }
}
