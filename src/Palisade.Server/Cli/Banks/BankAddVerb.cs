using System.CommandLine;
using Palisade.Banks;
using Palisade.Banks.Fetching;
using Palisade.Server.Cli.Approvals;

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

        var urls = new Option<string[]>("--url")
        {
            Description = "An https address of a picture, on a host that the setting fetch.allowedHosts names; repeat for several",
            HelpName = "URL",
        };
        var quality = new Option<int?>("--quality") { Description = "PDQ quality of the hashes given with --pdq, 0 to 100", HelpName = "QUALITY" };
        var regions = new Option<bool>("--regions")
        {
            Description = "Also add region codes of the pictures, by which copies are found that were repainted in part, cropped or pasted",
        };
        var verb = new Verb(
            "add",
            "Add fingerprints to a bank, live at once: of pictures (PDQ and SHA-256), or hashes by themselves. " +
            "Into a never-match bank only with a second person.",
            "palisade bank add practice photo.jpg",
            "palisade bank add practice photos/ --regions",
            "palisade bank add hotline-list --md5 0123456789abcdef0123456789abcdef",
            "palisade bank add practice --url https://files.example.org/a.jpg")
        {
            ExitCodes = "0 all was added or there already, 2 something was refused",
        };
        verb.Add(name);
        verb.Add(paths);
        hashes.ForEach(hash => verb.Add(hash.Option));
        verb.Add(quality);
        verb.Add(urls);
        verb.Add(regions);
        var second = SecondPerson.AddTo(verb);
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
            var addresses = parsed.GetValue(urls) ?? [];
            if (files.Count + wishes.Count + addresses.Length == 0)
            {
                terminal.Complain("Name pictures, hashes with --pdq, --md5, --sha1 or --sha256, or an address with --url.");
                return ExitCode.Error;
            }

            if (parsed.GetValue(regions) && files.Count + addresses.Length == 0)
            {
                terminal.Complain("Region codes are computed from a picture; hashes bring none. Name the picture with --regions.");
                return ExitCode.Error;
            }

            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await DataFolder.FindBankAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } bank)
            {
                return ExitCode.Error;
            }

            if (parsed.GetValue(regions) && bank.Purpose == BankPurpose.NeverMatch)
            {
                terminal.Complain(new BankRefused.NoRegionsHere().Reason);
                return ExitCode.Error;
            }

            var adding = new BankAdding(records, bank, terminal) { WithRegions = parsed.GetValue(regions) };
            await adding.AddAsync("from the command line", wishes, cancellationToken);
            await adding.AddFilesAsync(files, cancellationToken);
            await adding.AddAddressesAsync(addresses, new UrlFetch(records.Options.Fetch, TimeProvider.System), cancellationToken);
            if (await adding.FinishAsync(second.Approval(parsed), cancellationToken) is { } refusal)
            {
                return await second.AnswerAsync(refusal, records, parsed, terminal, cancellationToken);
            }

            terminal.Out.WriteLine($"{bank.Name}: {adding.Added:#,0} signals added, {adding.AlreadyThere:#,0} there already, {adding.Refused:#,0} refused.");
            if (parsed.GetValue(regions))
            {
                terminal.Out.WriteLine($"Region codes: of {adding.RegionsAdded:#,0} pictures added, of {adding.RegionsThere:#,0} there already, {adding.WithoutRegions:#,0} with too little texture.");
            }

            return adding.Refused == 0 ? ExitCode.Ok : ExitCode.Error;
        });
        return verb;
    }
}
