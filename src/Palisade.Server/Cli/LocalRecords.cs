using System.CommandLine;
using Palisade.Banks;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Server.Cli;

/// <summary>The records of a data folder, for a verb that manages banks or keys and scans nothing.</summary>
internal sealed class LocalRecords : IAsyncDisposable
{
    private readonly Store _store;
    private readonly BankKey _bankKey;

    private LocalRecords(Store store, BankKey bankKey)
    {
        _store = store;
        _bankKey = bankKey;
        Banks = new BankRegistry(store, bankKey, TimeProvider.System);
        Keys = new ApiKeys(store, TimeProvider.System);
    }

    public BankRegistry Banks { get; }

    public ApiKeys Keys { get; }

    /// <summary>Whom the change log names for what is done from this command line.</summary>
    public static Actor Me => Actor.CommandLine(Environment.UserName);

    public static async Task<LocalRecords> OpenAsync(
        ParseResult parsed, DataOptions options, CancellationToken cancellationToken)
    {
        var settings = await Settings.ReadAsync(parsed, options, cancellationToken);
        var store = await Store.OpenAsync(settings.Store, TimeProvider.System, cancellationToken);
        try
        {
            return new LocalRecords(store, await BankKey.OpenOrCreateAsync(settings.Store.Folder, store, cancellationToken));
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>The bank of that name; null, having said so, when there is none.</summary>
    public async Task<Bank?> FindBankAsync(string name, Terminal terminal, CancellationToken cancellationToken)
    {
        var bank = await Banks.FindAsync(name, cancellationToken);
        if (bank is null)
        {
            terminal.Complain($"There is no bank '{name}'. `palisade bank list` shows those that exist.");
        }

        return bank;
    }

    public async ValueTask DisposeAsync()
    {
        Keys.Dispose();
        _bankKey.Dispose();
        await _store.DisposeAsync();
    }
}
