using Dapper;
using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Banks.Importing;

/// <summary>
/// Brings lists of hashes into a bank, by the million: surveyed, staged in batches, previewed, made live at once.
/// </summary>
/// <remarks>
/// A staged signal carries its import's number and counts for nothing until that import is live, so going live changes one
/// row however long the list is, and a signal that the list takes back carries the number likewise. Each batch commits
/// together with the position in the file: whoever stages the same file again after a crash goes on behind the last batch.
/// One import of a bank is open at a time.
/// </remarks>
public sealed class BankImports(Store store, BankKey key, AuditLog audit, ApprovalBook approvals, TimeProvider clock)
{
    /// <summary>
    /// Reads the whole list and stages it, or goes on where a killed staging of the same file stood. Nothing is live yet.
    /// </summary>
    public async Task<BankAnswer<ImportPreview>> StageAsync(
        BankId bankId,
        ImportSource source,
        ImportOptions options,
        IProgress<ImportProgress>? progress,
        Actor by,
        CancellationToken cancellationToken)
    {
        if (await store.ReadAsync(connection => BankTable.FindAsync(connection, bankId), cancellationToken) is not { } bank)
        {
            return new BankRefused.NoSuchBank();
        }

        await using var file = source.Open();
        var meter = new ProgressMeter(progress, ImportPhase.Survey, file.Length, 0, clock);
        var survey = await ListSurvey.TakeAsync(file, options, meter, cancellationToken);
        if (survey.Refuse(options) is { } refusal)
        {
            return refusal;
        }

        await SweepDiscardedAsync(bankId, cancellationToken);
        var begun = await BeginAsync(bank, source, options, survey, by, cancellationToken);
        if (begun.IsRefused)
        {
            return begun.Refusal;
        }

        var import = begun.Value;
        if (Words.Parse<ImportState>(import.State) == ImportState.Staging)
        {
            import = await StageRestAsync(bank, file, options, import, progress, cancellationToken);
        }

        return (await PreviewAsync(import.Id, cancellationToken))!;
    }

    /// <summary>Where an import stands and what it does; null when there is none.</summary>
    public Task<ImportPreview?> PreviewAsync(long import, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => ImportTable.PreviewAsync(connection, import), cancellationToken);

    /// <summary>A page of the refused lines in their order, for a report.</summary>
    public Task<IReadOnlyList<RefusedLine>> RefusedLinesAsync(
        long import, long afterLine, int limit, CancellationToken cancellationToken) => store.ReadAsync(
            connection => ImportTable.RefusedLinesAsync(connection, import, afterLine, limit), cancellationToken);

    /// <summary>Makes a staged import count, all at once.</summary>
    /// <param name="withdrawalsConfirmed">A person has seen that more than 5 % of the bank is taken back, and means it.</param>
    /// <param name="approval">Needed for never-match entries, and for a list that takes back half of the bank or more.</param>
    public async Task<BankAnswer<ImportPreview>> MakeLiveAsync(
        long import, bool withdrawalsConfirmed, long? approval, Actor by, CancellationToken cancellationToken)
    {
        if (await PreviewAsync(import, cancellationToken) is not { State: ImportState.Staged } preview)
        {
            return new BankRefused.NoSuchImport();
        }

        if (preview.NeedsConfirmation && !withdrawalsConfirmed)
        {
            return new BankRefused.WithdrawalsNotConfirmed(preview.Withdrawn, preview.Held);
        }

        var refusal = await store.WriteAsync<BankRefused?>(
            async transaction =>
            {
                if (await BankTable.FindAsync(transaction.Connection!, preview.Bank, transaction) is not { } bank)
                {
                    return new BankRefused.NoSuchBank();
                }

                if (BankApproval.For(bank, preview) is { } needed &&
                    await BankApproval.RefuseAsync(transaction, approvals, needed, approval, by) is { } notApproved)
                {
                    return notApproved;
                }

                var now = clock.GetUtcNow();
                var changed = await transaction.Connection!.ExecuteAsync(
                    """
                    UPDATE bank_import SET state = 'live', live_at = @now,
                        uploads_at_live = (SELECT uploads FROM matched_uploads WHERE id = 1)
                    WHERE id = @import AND state = 'staged'
                    """,
                    new { import, now = now.ToUnixTimeMilliseconds() },
                    transaction);
                if (changed == 1)
                {
                    await BankChangeLog.AppendAsync(transaction, audit, BankChange.ImportLive, preview.Bank, null, import, now, by);
                }

                return changed == 1 ? null : new BankRefused.NoSuchImport();
            },
            cancellationToken);
        store.Feeds.Ring(BankChangeLog.Feed);
        return refusal is null ? preview with { State = ImportState.Live } : refusal;
    }

    /// <summary>Makes a list live that needs no second person, or is refused because it does.</summary>
    public Task<BankAnswer<ImportPreview>> MakeLiveAsync(
        long import, bool withdrawalsConfirmed, Actor by, CancellationToken cancellationToken) =>
        MakeLiveAsync(import, withdrawalsConfirmed, approval: null, by, cancellationToken);

    /// <summary>Drops an import that is not live: at once for everybody, and its rows in batches after that.</summary>
    public async Task<BankAnswer<ImportPreview>> DiscardAsync(long import, CancellationToken cancellationToken)
    {
        var changed = await store.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                "UPDATE bank_import SET state = 'discarded' WHERE id = @import AND state IN ('staging', 'staged')",
                new { import },
                transaction),
            cancellationToken);
        if (changed == 0)
        {
            return new BankRefused.NoSuchImport();
        }

        var preview = (await PreviewAsync(import, cancellationToken))!;
        await SweepDiscardedAsync(preview.Bank, cancellationToken);
        return preview;
    }

    private Task<BankAnswer<ImportRow>> BeginAsync(
        Bank bank, ImportSource source, ImportOptions options, ListSurvey survey, Actor by, CancellationToken cancellationToken) =>
        store.WriteAsync<BankAnswer<ImportRow>>(
            async transaction =>
            {
                var id = await Sequences.TakeAsync(transaction, "bank_import");
                if (await ImportTable.FindOpenAsync(transaction.Connection!, bank.Id, transaction) is { } open)
                {
                    return open.SourceSha256.AsSpan().SequenceEqual(survey.Sha256) && open.Settings == options.Fingerprint
                        ? open
                        : new BankRefused.AnotherImportOpen(open.Id, open.SourceName);
                }

                var row = new ImportRow(
                    id, bank.Id.Number, Words.Of(ImportState.Staging), source.Name, survey.Sha256, options.Fingerprint,
                    Words.Of(options.NewSignals ?? bank.NewSignals), 0, 0, 0, 0, 0, 0, 0);
                await ImportTable.InsertAsync(transaction, row, survey.Bytes, clock.GetUtcNow(), by);
                return row;
            },
            cancellationToken);

    private async Task<ImportRow> StageRestAsync(
        Bank bank,
        FileStream file,
        ImportOptions options,
        ImportRow import,
        IProgress<ImportProgress>? progress,
        CancellationToken cancellationToken)
    {
        using var cipher = key.NewCipher();
        var reader = new LineReader(file);
        var parser = new ListParser(options);
        SkipTo(import, reader, parser);
        var meter = new ProgressMeter(progress, ImportPhase.Staging, file.Length, import.PositionLines, clock);
        var batch = new ImportBatch(bank, options, cipher);
        for (var isLast = false; !isLast;)
        {
            isLast = Fill(batch, reader, parser);
            var before = import;
            import = await store.WriteAsync(
                transaction => batch.WriteAsync(transaction, before, reader, isLast, clock.GetUtcNow()), cancellationToken);
            batch.Clear();
            meter.Report(import.PositionBytes, import.PositionLines, import.Refused);
        }

        return import;
    }

    /// <summary>The first lines decide the list's form, so they are shown to the parser before it goes on in the middle.</summary>
    private static void SkipTo(ImportRow import, LineReader reader, ListParser parser)
    {
        reader.Seek(0, 0);
        while (reader.Position < import.PositionBytes && reader.LineNumber < ImportBatch.MostLines && reader.TryRead(out var line))
        {
            if (!reader.IsTooLong)
            {
                parser.Parse(line);
            }
        }

        reader.Seek(import.PositionBytes, import.PositionLines);
    }

    /// <returns>True when the list is at its end.</returns>
    private static bool Fill(ImportBatch batch, LineReader reader, ListParser parser)
    {
        var lines = 0;
        while (!batch.IsFull && lines++ < 10 * ImportBatch.MostLines)
        {
            if (!reader.TryRead(out var bytes))
            {
                return true;
            }

            batch.Add(
                reader.LineNumber, reader.IsTooLong ? ListLine.Refused(LineRefusal.TooLong) : parser.Parse(bytes));
        }

        return false;
    }

    /// <summary>Frees the rows of discarded imports, ten thousand in a transaction; a sweep that was killed is done again.</summary>
    private async Task SweepDiscardedAsync(BankId bank, CancellationToken cancellationToken)
    {
        const string Discarded = "SELECT id FROM bank_import WHERE bank_id = @bank AND state = 'discarded'";
        var sweep =
            $"""
            UPDATE signal SET withdraw_import_id = NULL WHERE id IN
                (SELECT id FROM signal WHERE withdraw_import_id IN ({Discarded}) LIMIT @most);
            DELETE FROM signal WHERE id IN (SELECT id FROM signal WHERE import_id IN ({Discarded}) LIMIT @most)
            """;
        var arguments = new { bank = bank.Number, most = ImportBatch.MostLines };
        while (await store.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(sweep, arguments, transaction), cancellationToken) > 0)
        {
            // Again, until nothing is left.
        }
    }
}
