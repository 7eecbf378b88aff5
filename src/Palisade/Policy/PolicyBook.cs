using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Palisade.Banks;

namespace Palisade.Policy;

/// <summary>
/// The policy file, read and checked: what each service of the platform does with what is found.
/// </summary>
/// <remarks>Immutable. It is read once at start; a changed file takes effect at the next start.</remarks>
public sealed class PolicyBook
{
    /// <summary>The file's name in the data folder.</summary>
    public const string FileName = "policy.json";

    private readonly Dictionary<string, ServicePolicy> _services;
    private readonly IReadOnlyList<NamedBank> _namedBanks;

    internal PolicyBook(IEnumerable<ServicePolicy> services, IReadOnlyList<NamedBank> namedBanks)
    {
        _services = services.ToDictionary(policy => policy.Service, StringComparer.Ordinal);
        _namedBanks = namedBanks;
    }

    /// <summary>A bank that the file names, and where.</summary>
    internal sealed record NamedBank(string Name, int Line, string Place);

    /// <summary>The services that uploads may name, in the file's order.</summary>
    public IReadOnlyCollection<string> Services => _services.Keys;

    /// <summary>Whether some service's uploads are compared by their regions.</summary>
    public bool AsksForRegions => _services.Values.Any(policy => policy.Regions != RegionMode.Off);

    /// <summary>What a service does; null when the file has no such service.</summary>
    public ServicePolicy? Find(string service) => _services.GetValueOrDefault(service);

    /// <summary>Whether removing this bank would leave the file with a name that stands for nothing.</summary>
    public bool Names(string bank) => _namedBanks.Any(named => named.Name == bank);

    /// <summary>Reads a policy; when it cannot be used, says everything that has to be changed at once.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out PolicyBook? book, out IReadOnlyList<PolicyProblem> problems)
    {
        PolicyNode root;
        try
        {
            root = PolicyNode.Read(text);
        }
        catch (JsonException exception)
        {
            book = null;
            problems = [new PolicyProblem(
                (int)(exception.LineNumber ?? 0) + 1, "", "This is not JSON here. Look for a missing quote, comma or brace.")];
            return false;
        }

        var reading = new PolicyReading();
        book = reading.Book(root);
        problems = reading.Problems;
        return book is not null;
    }

    /// <summary>Reads the file, having written the commented default when there is none.</summary>
    /// <exception cref="PolicyFileException">The file has to be changed; the message says where and how.</exception>
    public static async Task<PolicyBook> LoadAsync(string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
        {
            await File.WriteAllTextAsync(file, DefaultPolicy.Text, cancellationToken);
        }

        var text = await File.ReadAllTextAsync(file, cancellationToken);
        return TryParse(text, out var book, out var problems) ? book : throw new PolicyFileException(file, problems);
    }

    /// <summary>The names in the file for which there is no bank.</summary>
    public IReadOnlyList<PolicyProblem> CheckBanks(IReadOnlyCollection<Bank> banks) =>
    [
        .. from named in _namedBanks
           where banks.All(bank => bank.Name != named.Name)
           select new PolicyProblem(
               named.Line,
               named.Place,
               $"There is no bank '{named.Name}'. Create it with `palisade bank create {named.Name}`, or take the name out."),
    ];
}
