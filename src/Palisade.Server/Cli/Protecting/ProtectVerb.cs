using System.CommandLine;
using System.Globalization;
using Palisade.Banks;
using Palisade.Decoding;
using Palisade.Protection;
using Palisade.Scanning;
using Palisade.Server.Cli.Holds;
using Palisade.Signals.Digests;
using Palisade.Signals.Regions;

namespace Palisade.Server.Cli.Protecting;

/// <summary><c>palisade protect</c>: ordinary photos that somebody wants watched.</summary>
internal static class ProtectVerb
{
    private const string DefaultBank = "protected-photos";
    private const int DefaultDays = 365;

    public static Command Create(Terminal terminal)
    {
        var paths = PathArgument.Create("FILE", "Photos or folders", ArgumentArity.ZeroOrMore);
        var contact = new Option<string?>("--contact") { Description = "How the owner is reached; kept sealed, erased at the end", HelpName = "TEXT" };
        var consent = new Option<string?>("--consent") { Description = "Who agreed to what, and when; kept sealed, erased at the end", HelpName = "TEXT" };
        var expires = MomentOption.Create("--expires", $"When the photos are watched no more [default: in {DefaultDays} days]");
        var bank = new Option<string?>("--bank") { Description = $"A bank of the purpose protected-photo [default: {DefaultBank}, made when there is none]", HelpName = "NAME" };
        var leaveOut = new Option<MarkedBox?>("--leave-out")
        {
            Description = "A part of the photo that is not to be described, such as a face: left,top,width,height in per cent; one photo at a time",
            HelpName = "BOX",
            CustomParser = result =>
            {
                var numbers = result.Tokens[0].Value.Split(',').Select(text =>
                    double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number / 100 : double.NaN).ToArray();
                if (numbers is [var left, var top, var width, var height] && new MarkedBox(left, top, width, height) is { IsPossible: true } box)
                {
                    return box;
                }

                result.AddError("--leave-out is left,top,width,height in per cent of the photo, such as 40,10,20,25.");
                return null;
            },
        };
        var verb = new Verb(
            "protect",
            "Watch ordinary photos: altered copies of them are found in uploads of services whose policy asks for regions. " +
            "Who wants it, and on what consent, is kept sealed.",
            "palisade protect holiday.jpg --contact anna@example.org --consent \"Anna Berg, mother, by letter of 3 May 2027\"",
            "palisade protect class-photos/ --contact school@example.org --consent \"head, form 17\" --expires 2028-08-01",
            "palisade protect withdraw 4")
        {
            ExitCodes = "0 all photos are watched, 2 something was refused",
        };
        verb.Add(paths);
        verb.Add(contact);
        verb.Add(consent);
        verb.Add(expires);
        verb.Add(bank);
        verb.Add(leaveOut);
        verb.Add(ProtectionListVerb.Create(terminal));
        verb.Add(ProtectionShowVerb.Create(terminal));
        verb.Add(ProtectionWithdrawVerb.Create(terminal));
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var files = PictureFiles.Find(parsed.GetValue(paths) ?? [], cancellationToken);
            var word = new ProtectionConsent(parsed.GetValue(contact) ?? "", parsed.GetValue(consent) ?? "", files.Count);
            if (files.Count == 0)
            {
                terminal.Complain("Name the photos to watch, such as: palisade protect photo.jpg --contact TEXT --consent TEXT");
                return ExitCode.Error;
            }

            if (parsed.GetValue(leaveOut) is not null && files.Count > 1)
            {
                terminal.Complain("--leave-out marks a part of one photo. Protect the photos one by one.");
                return ExitCode.Error;
            }

            if (word.Refuse() is { } refusal)
            {
                terminal.Complain($"{refusal.Reason} (--contact and --consent)");
                return ExitCode.Error;
            }

            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await FindBankAsync(records, parsed.GetValue(bank), terminal, cancellationToken) is not { } into)
            {
                return ExitCode.Error;
            }

            var (photos, refused) = await ReadAsync(records, into, files, parsed.GetValue(leaveOut), terminal, cancellationToken);
            if (photos.Count == 0)
            {
                terminal.Complain("No photo could be read, so nothing is protected.");
                return ExitCode.Error;
            }

            var until = parsed.GetValue(expires) ?? records.Clock.GetUtcNow().AddDays(DefaultDays);
            var answer = await records.Protections.ProtectAsync(
                into.Id, photos, word with { Photos = photos.Count }, until, DataFolder.Me, cancellationToken);
            if (answer.IsRefused)
            {
                terminal.Complain(answer.Refusal.Reason);
                return ExitCode.Error;
            }

            terminal.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Protection {answer.Value.Number}: {photos.Count:#,0} photos in {into.Name} until {MomentOption.Shown(answer.Value.ExpiresAt)}."));
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Take them back: palisade protect withdraw {answer.Value.Number}"));
            return refused == 0 ? ExitCode.Ok : ExitCode.Error;
        });
        return verb;
    }

    private static async Task<Bank?> FindBankAsync(
        Installation records, string? name, Terminal terminal, CancellationToken cancellationToken)
    {
        if (name is not null)
        {
            return await DataFolder.FindBankAsync(records, name, terminal, cancellationToken);
        }

        if (await records.Banks.FindAsync(DefaultBank, cancellationToken) is { } known)
        {
            return known;
        }

        var settings = new BankSettings
        {
            Name = DefaultBank,
            Owner = Environment.UserName,
            Purpose = BankPurpose.ProtectedPhoto,
            Source = "palisade protect",
        };
        return (await records.Banks.CreateAsync(settings, DataFolder.Me, cancellationToken)).Value;
    }

    private static async Task<(List<ProtectedPhoto> Photos, int Refused)> ReadAsync(
        Installation records, Bank bank, List<PictureFile> files, MarkedBox? leftOut, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var decoders = await LocalDecoders.StartAsync(files.Count, records.Options.DecoderInForce, cancellationToken);
        var photos = new List<ProtectedPhoto>();
        var refused = 0;
        var read = InOrder.SelectAsync(
            files, decoders.AtOnce, async (file, token) => (file.Path, await ReadOneAsync(file, token)), cancellationToken);
        await foreach (var (path, (photo, problem)) in read)
        {
            if (problem is not null)
            {
                terminal.Complain($"{path}: {problem}");
            }

            if (photo is null)
            {
                refused++;
            }
            else
            {
                photos.Add(photo);
            }
        }

        return (photos, refused);

        async Task<(ProtectedPhoto? Photo, string? Problem)> ReadOneAsync(PictureFile file, CancellationToken token)
        {
            var upload = await UploadReader.ReadAsync(file, decoders.MaxFileBytes, token);
            if (upload is not ReadUpload.Whole { Bytes: var whole })
            {
                return (null, PlainReason.Of(upload switch
                {
                    ReadUpload.Refused { Reason: var reason } => reason,
                    ReadUpload.Unreadable { Reason: var reason } => reason,
                    _ => "too-large",
                }));
            }

            if (await decoders.Pool.DecodeAsync(whole, token) is not DecodeOutcome.Decoded { Picture.Frames: [var frame, ..] })
            {
                return (null, PlainReason.Of("not-a-picture"));
            }

            // No file name: what somebody calls a photo of a child is nobody's business.
            List<NewSignal> signals = [new(new SignalValue(DigestCalculator.Compute(whole).Sha256), Origin: "protected")];
            if (frame.Full.Quality >= bank.MinQuality)
            {
                signals.Insert(0, new NewSignal(new SignalValue(frame.Full.Hash), Quality: frame.Full.Quality, Origin: "protected"));
            }

            var regions = await PictureRegions.FindAsync(whole, records.Options.Regions, leftOut, decoders.Pool, token);
            return (new ProtectedPhoto(signals, regions), regions.Codes is null ? new BankRefused.TooLittleTexture().Reason : null);
        }
    }
}
