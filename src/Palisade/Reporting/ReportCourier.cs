using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using Palisade.Audit;
using Palisade.CyberTipline;
using Palisade.Evidence;
using Palisade.Evidence.Holds;
using Palisade.Keys;
using Palisade.Review;
using Palisade.Storage;

namespace Palisade.Reporting;

/// <summary>
/// Sends reports, one acknowledged step after the other, each stored before the next begins. A crash at any point leaves
/// either the step to be done or a mark that it was begun; a step that may or may not have been done is never guessed: the open
/// report is taken back and begun again, and only a finish is asked again until its answer is known.
/// </summary>
/// <remarks>
/// The protocol has no idempotency key, but a report counts only when the id that we stored is finished, so nothing is filed
/// twice. Several nodes may run this on one store: each report is leased to one of them.
/// </remarks>
public sealed class ReportCourier(
    Store store,
    ReportBook book,
    EvidenceVault vault,
    HoldBook holds,
    SealingKeys sealing,
    CyberTiplineClient client,
    ReportingOptions options,
    FileViews views,
    TimeProvider clock,
    ILogger<ReportCourier> logger)
{
    /// <summary>How often a report is begun again before a person has to look.</summary>
    private const int MostAttempts = 8;

    private const int MostFileRestarts = 1;

    /// <summary>Longest time that one call may take beyond its bytes; see <see cref="CyberTiplineClient"/>.</summary>
    private static readonly TimeSpan LeaseLength = TimeSpan.FromMinutes(2);

    /// <summary>How long everything rests after the authority refused the credentials.</summary>
    private static readonly TimeSpan CredentialsRest = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan SealedLook = TimeSpan.FromSeconds(5);

    private readonly string _lease = RandomId.New("lea_");

    private DateTimeOffset _restUntil = DateTimeOffset.MinValue;

    /// <summary>Works on the most urgent report until it has to wait.</summary>
    /// <returns>False when nothing was due.</returns>
    public async Task<bool> RunOneAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (now < _restUntil)
        {
            return false;
        }

        // Each worker has its own lease, so that two of one process do not meet either.
        var lease = $"{_lease}/{Guid.NewGuid():N}";
        if (await store.WriteAsync(transaction => book.Table.LeaseAsync(transaction, lease, now, now + LeaseLength), cancellationToken) is not { } report)
        {
            return false;
        }

        var held = new Held(lease, report);
        try
        {
            while (await StepAsync(held, cancellationToken))
            {
            }
        }
        catch (LeaseLostException)
        {
            logger.LogWarning("Report {Number} took longer than its lease; whoever has it now goes on from what is stored", report.Number);
            return true;
        }

        await ReleaseAsync(held);
        return true;
    }

    /// <returns>Whether there is another step to do now.</returns>
    private async Task<bool> StepAsync(Held held, CancellationToken cancellationToken)
    {
        var report = held.Report;
        if (report.NextAt > clock.GetUtcNow() || report.State.IsEnded() || report.State == ReportState.NeedsHuman)
        {
            return false;
        }

        if (report.Environment != client.Environment)
        {
            return await NeedHumanAsync(
                held,
                $"It was drafted for {Words.Of(report.Environment)}, and this service speaks with {Words.Of(client.Environment)}. Put reporting.environment back, or retract it and draft another.");
        }

        return report.State switch
        {
            ReportState.Draft or ReportState.WaitingUnseal => await PrepareAsync(held, cancellationToken),
            ReportState.Opening => await OpenAsync(held, cancellationToken),
            ReportState.Open => await SendFilesAsync(held, cancellationToken),
            ReportState.Finishing => await FinishAsync(held, cancellationToken),
            ReportState.Retracted or ReportState.Expired => await BeginAgainAsync(held),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Makes the document, once the service is unsealed and every file is sealed and held.</summary>
    private async Task<bool> PrepareAsync(Held held, CancellationToken cancellationToken)
    {
        if (!sealing.IsUnsealed)
        {
            await KeepAsync(held, held.Report with { State = ReportState.WaitingUnseal, NextAt = clock.GetUtcNow() + SealedLook });
            return false;
        }

        if (held.Report.State == ReportState.WaitingUnseal)
        {
            await KeepAsync(held, held.Report with { State = ReportState.Draft });
        }

        var files = new List<ReportFile>();
        foreach (var evidence in await vault.ListAsync(held.Report.Case.ToString(), cancellationToken))
        {
            if (evidence.State != EvidenceState.Sealed)
            {
                continue;
            }

            if (await holds.StandingAsync(evidence, cancellationToken) is not HoldStanding.Held)
            {
                return await NeedHumanAsync(
                    held, $"Evidence {evidence.Id} is not held, so nothing leaves. Place a hold on its case (`palisade hold place`), then `palisade report file {held.Report.Number}`.");
            }

            files.Add(new ReportFile { Evidence = evidence.Id.ToString(), SizeBytes = evidence.SizeBytes });
        }

        ReportSource source;
        try
        {
            source = await ReadSourceAsync(held.Report, cancellationToken);
        }
        catch (Exception exception) when (exception is EvidenceDamagedException or EvidenceUnavailableException)
        {
            return await NeedHumanAsync(held, exception.Message);
        }

        var document = CyberTipWriter.Write(ReportContents.Report(source));
        var faults = DocumentCheck.Check(
            document.Bytes, new CheckContext { Now = clock.GetUtcNow(), FileCount = files.Count, IsKnownReport = source.PriorReports.Contains });
        if (faults.Count > 0)
        {
            return await NeedHumanAsync(held, "The report is not valid: " + string.Join("; ", faults));
        }

        var mac = source.Account.UserId ?? source.Uploads.Select(upload => upload.Facts.UploaderToken).FirstOrDefault(token => token is not null);
        await KeepAsync(held, held.Report with
        {
            State = ReportState.Opening,
            AccountMac = mac is null ? null : book.Table.MacOf(mac),
            Progress = held.Report.Progress with { Xml = document.Bytes.ToArray(), Files = files },
        });
        return true;
    }

    private async Task<bool> OpenAsync(Held held, CancellationToken cancellationToken)
    {
        var progress = held.Report.Progress;
        if (progress.InFlight is not null)
        {
            // A crash lost the answer. What was perhaps opened is never finished, and the authority deletes it.
            return await BackToDraftAsync(held, "The answer on opening was lost.", atOnce: true);
        }

        var answer = await CallAsync(held, TipStep.Submit, 0, () => client.SubmitAsync(progress.Xml!, cancellationToken));
        switch (answer.Class)
        {
            case AnswerClass.Success:
                await KeepAsync(
                    held,
                    held.Report with
                    {
                        State = ReportState.Open,
                        Progress = Settled(held) with { RemoteId = answer.ReportId, OpenedAt = answer.ReceivedAt },
                    },
                    answer);
                return true;
            case AnswerClass.RetryStep or AnswerClass.Uncertain or AnswerClass.RebuildOnce:
                return await BackToDraftAsync(held, answer.Description, atOnce: false, answer);
            default:
                return await RefusedAsync(held, answer);
        }
    }

    private async Task<bool> SendFilesAsync(Held held, CancellationToken cancellationToken)
    {
        var progress = held.Report.Progress;
        if (progress.InFlight is TipStep.Upload or TipStep.FileInfo)
        {
            // It may be there or not, and neither a file nor its details can be taken back alone.
            await KeepAsync(held, held.Report with { Progress = progress with { InFlight = null, RetractFor = progress.RetractFor ?? ReportState.Draft } });
        }

        if (held.Report.Progress.RetractFor is not null)
        {
            return await RetractAsync(held, cancellationToken);
        }

        if (clock.GetUtcNow() > RetrySchedule.ExpiryOf(progress.OpenedAt!.Value, progress.LastFileAt))
        {
            await KeepAsync(held, held.Report with { State = ReportState.Expired, Progress = progress with { Trouble = "Its time at the authority ran out." } });
            return true;
        }

        for (var index = 0; index < progress.Files.Count; index++)
        {
            if (progress.Files[index].State == ReportFileState.Pending)
            {
                return await UploadAsync(held, index, cancellationToken);
            }

            if (progress.Files[index].State == ReportFileState.Uploaded)
            {
                return await DescribeAsync(held, index, cancellationToken);
            }
        }

        await KeepAsync(held, held.Report with { State = ReportState.Finishing, Progress = Settled(held) });
        return true;
    }

    private async Task<bool> UploadAsync(Held held, int index, CancellationToken cancellationToken)
    {
        var file = held.Report.Progress.Files[index];
        if (!sealing.IsUnsealed)
        {
            await KeepAsync(held, held.Report with { NextAt = clock.GetUtcNow() + SealedLook });
            return false;
        }

        TipAnswer answer;
        try
        {
            answer = await CallAsync(held, TipStep.Upload, file.SizeBytes, () => StreamAsync(held.Report, file, index, cancellationToken));
        }
        catch (IOException exception) when (exception.InnerException is EvidenceDamagedException or EvidenceUnavailableException or EndOfStreamException)
        {
            await KeepAsync(held, held.Report with
            {
                Progress = Settled(held) with { RetractFor = ReportState.NeedsHuman, Trouble = exception.InnerException.Message },
            });
            return true;
        }

        switch (answer.Class)
        {
            case AnswerClass.Success:
                await KeepAsync(held, WithFile(held, index, file with
                {
                    State = ReportFileState.Uploaded,
                    FileId = answer.FileId,
                    Md5 = answer.Hash,
                    UploadedAt = answer.ReceivedAt,
                }, answer.ReceivedAt), answer);
                return true;
            case AnswerClass.WrongHash or AnswerClass.Uncertain:
                return await TakeBackAsync(held, answer, ReportState.Draft);
            default:
                return await FileTroubleAsync(held, index, answer);
        }
    }

    private async Task<bool> DescribeAsync(Held held, int index, CancellationToken cancellationToken)
    {
        var file = held.Report.Progress.Files[index];
        if (!sealing.IsUnsealed)
        {
            await KeepAsync(held, held.Report with { NextAt = clock.GetUtcNow() + SealedLook });
            return false;
        }

        var source = await ReadSourceAsync(held.Report, cancellationToken);
        var document = CyberTipWriter.Write(
            ReportContents.File(source, file.EvidenceId, held.Report.Progress.RemoteId!.Value, file.FileId!));
        var faults = DocumentCheck.Check(document.Bytes, new CheckContext { Now = clock.GetUtcNow() });
        if (faults.Count > 0)
        {
            await KeepAsync(held, held.Report with
            {
                Progress = held.Report.Progress with
                {
                    RetractFor = ReportState.NeedsHuman,
                    Trouble = "The details of a file are not valid: " + string.Join("; ", faults),
                },
            });
            return true;
        }

        var answer = await CallAsync(held, TipStep.FileInfo, 0, () => client.DescribeAsync(document.Bytes, cancellationToken));
        switch (answer.Class)
        {
            case AnswerClass.Success:
                await KeepAsync(held, WithFile(held, index, file with
                {
                    State = ReportFileState.Described,
                    DetailsXml = document.Bytes.ToArray(),
                }, answer.ReceivedAt), answer);
                return true;
            case AnswerClass.Uncertain:
                return await TakeBackAsync(held, answer, ReportState.Draft);
            default:
                return await FileTroubleAsync(held, index, answer);
        }
    }

    private async Task<bool> FileTroubleAsync(Held held, int index, TipAnswer answer)
    {
        var file = held.Report.Progress.Files[index];
        switch (answer.Class)
        {
            case AnswerClass.RetryStep:
            case AnswerClass.RebuildOnce when held.Report.Progress.Failures == 0:
                return await TryLaterAsync(held, answer);
            case AnswerClass.FileGone when file.Restarts < MostFileRestarts:
                await KeepAsync(held, WithFile(held, index, file with
                {
                    State = ReportFileState.Pending,
                    FileId = null,
                    Restarts = file.Restarts + 1,
                }, null), answer);
                return true;
            case AnswerClass.FileGone:
                return await TakeBackAsync(held, answer, ReportState.Draft);
            case AnswerClass.ReportGone:
                return await ExpiredAsync(held, answer);
            case AnswerClass.Credentials:
                return await RefusedAsync(held, answer);
            case AnswerClass.AlreadyRetracted:
                await KeepAsync(held, held.Report with { State = ReportState.Retracted, Progress = Settled(held) with { RetractFor = ReportState.Draft } }, answer);
                return true;
            case AnswerClass.AlreadyFinished:
                // Nobody of ours finished it.
                return await NeedHumanAsync(held, "The authority says that it is finished, though this service did not finish it.", answer);
            default:
                return await TakeBackAsync(held, answer, ReportState.NeedsHuman);
        }
    }

    private async Task<bool> FinishAsync(Held held, CancellationToken cancellationToken)
    {
        var progress = held.Report.Progress;
        var wasUncertain = progress.IsFinishUncertain || progress.InFlight == TipStep.Finish;
        var answer = await CallAsync(
            held, TipStep.Finish, 0, () => client.FinishAsync(new OpenReport(held.Report.Environment, progress.RemoteId!.Value), cancellationToken));
        switch (answer.Class)
        {
            case AnswerClass.Success:
                return await FiledAsync(held, answer, FileMismatch(progress, answer));
            case AnswerClass.AlreadyFinished when wasUncertain:
                return await FiledAsync(held, answer, null);
            case AnswerClass.Uncertain:
                held.Report = held.Report with { Progress = held.Report.Progress with { IsFinishUncertain = true } };
                return await TryLaterAsync(held, answer);
            case AnswerClass.RetryStep:
            case AnswerClass.RebuildOnce when progress.Failures == 0:
                held.Report = held.Report with { Progress = held.Report.Progress with { IsFinishUncertain = wasUncertain } };
                return await TryLaterAsync(held, answer);
            case AnswerClass.ReportGone:
                return await ExpiredAsync(held, answer);
            case AnswerClass.Credentials:
                held.Report = held.Report with { Progress = held.Report.Progress with { IsFinishUncertain = wasUncertain } };
                return await RefusedAsync(held, answer);
            case AnswerClass.AlreadyFinished:
                return await NeedHumanAsync(held, "The authority says that it is finished, though this service did not finish it.", answer);
            case AnswerClass.AlreadyRetracted:
                await KeepAsync(held, held.Report with { State = ReportState.Expired, Progress = Settled(held) }, answer);
                return true;
            default:
                if (wasUncertain)
                {
                    held.Report = held.Report with { Progress = held.Report.Progress with { IsFinishUncertain = true } };
                    return await NeedHumanAsync(held, "It was possibly sent: the answer on finishing was lost. " + answer.Description, answer);
                }

                await KeepAsync(held, held.Report with { State = ReportState.Open }, null);
                return await TakeBackAsync(held, answer, ReportState.NeedsHuman);
        }
    }

    private async Task<bool> RetractAsync(Held held, CancellationToken cancellationToken)
    {
        var progress = held.Report.Progress;
        var answer = await CallAsync(
            held, TipStep.Retract, 0, () => client.RetractAsync(new OpenReport(held.Report.Environment, progress.RemoteId!.Value), cancellationToken));
        switch (answer.Class)
        {
            case AnswerClass.Success or AnswerClass.AlreadyRetracted or AnswerClass.ReportGone:
                await KeepAsync(
                    held,
                    held.Report with
                    {
                        State = answer.Class == AnswerClass.ReportGone ? ReportState.Expired : ReportState.Retracted,
                        Progress = Settled(held) with { Receipt = answer.Body.ToArray(), Trouble = progress.Trouble },
                    },
                    answer);
                return true;
            case AnswerClass.Uncertain or AnswerClass.RetryStep:
                return await TryLaterAsync(held, answer);
            default:
                // It is never finished, so the authority deletes it by itself; a person learns why the account is refused.
                return answer.Class == AnswerClass.Credentials
                    ? await RefusedAsync(held, answer)
                    : await NeedHumanAsync(held, "It could not be taken back: " + answer.Description, answer);
        }
    }

    private async Task<bool> BeginAgainAsync(Held held)
    {
        var progress = held.Report.Progress;
        var next = progress.RetractFor ?? ReportState.Draft;
        if (next == ReportState.Draft && progress.Attempt >= MostAttempts)
        {
            next = ReportState.NeedsHuman;
        }

        // The same wait as before another try: an authority that loses reports is not to be hurried.
        var wait = next == ReportState.Draft ? RetrySchedule.DelayAfter(progress.Attempt) : TimeSpan.Zero;
        await KeepAsync(held, held.Report with
        {
            State = next,
            NextAt = Moment.Of(clock) + wait,
            Progress = new ReportProgress
            {
                Attempt = progress.Attempt + (next == ReportState.Draft ? 1 : 0),
                Decision = progress.Decision,
                Receipt = progress.Receipt,
                Trouble = next == ReportState.NeedsHuman ? progress.Trouble ?? "It was begun too often. Look at its exchanges." : progress.Trouble,
                TroubleCode = progress.TroubleCode,
                RequestId = progress.RequestId,
            },
        });
        return false;
    }

    /// <summary>Filed, the hold that the law asks for and the case's receipt appear in one transaction.</summary>
    private async Task<bool> FiledAsync(Held held, TipAnswer answer, string? trouble)
    {
        var report = held.Report with
        {
            State = ReportState.Filed,
            ChangedAt = Moment.Of(clock),
            Progress = Settled(held) with
            {
                FiledAt = answer.ReceivedAt,
                Receipt = answer.Body.ToArray(),
                RequestId = answer.RequestId,
                Trouble = trouble,
            },
        };
        var number = FormattableString.Invariant($"{report.Progress.RemoteId}");
        var shown = report.Environment == TipEnvironment.Production ? number : $"{Words.Of(report.Environment)}:{number}";
        await store.WriteAsync(
            async transaction =>
            {
                await HoldBook.LockAsync(transaction);
                await ReportTable.LockAsync(transaction);
                await WriteAsync(transaction, held.Lease, report, leasedUntil: 0, answer);
                var placed = await holds.PlaceAsync(
                    transaction, HoldRequest.ForReport(report.Case, HoldBasis.FiledReport, answer.ReceivedAt, shown), Actor.Palisade);
                if (placed.IsRefused)
                {
                    throw new InvalidOperationException($"The hold of a filed report was refused: {placed.Refusal.Reason}");
                }

                await book.Cases.RecordReportedAsync(transaction, report.Case, shown, answer.ReceivedAt);
                return await book.LogAsync(transaction, "report.filed", $"report/{report.Id}", Actor.Palisade, shown);
            },
            CancellationToken.None);
        held.Report = report;
        if (trouble is not null)
        {
            logger.LogCritical("Report {Number} is filed, but: {Trouble}", report.Number, trouble);
        }

        return false;
    }

    private static string? FileMismatch(ReportProgress progress, TipAnswer answer) =>
        progress.Files.Select(file => file.FileId!).ToHashSet(StringComparer.Ordinal).SetEquals(answer.FileIds)
            ? null
            : "The authority's receipt names other files than were sent. Tell the authority, with the report's number and the Request-ID.";

    private async Task<bool> TakeBackAsync(Held held, TipAnswer answer, ReportState then)
    {
        await KeepAsync(
            held,
            held.Report with
            {
                Progress = Settled(held) with { RetractFor = then, Trouble = answer.Description, TroubleCode = answer.Code, RequestId = answer.RequestId },
            },
            answer);
        return true;
    }

    private async Task<bool> ExpiredAsync(Held held, TipAnswer answer)
    {
        await KeepAsync(held, held.Report with { State = ReportState.Expired, Progress = Settled(held) with { Trouble = answer.Description } }, answer);
        return true;
    }

    private async Task<bool> BackToDraftAsync(Held held, string why, bool atOnce, TipAnswer? answer = null)
    {
        var progress = held.Report.Progress;
        await KeepAsync(
            held,
            held.Report with
            {
                State = ReportState.Draft,
                NextAt = Moment.Of(clock) + (atOnce ? TimeSpan.Zero : RetrySchedule.DelayAfter(progress.Failures + 1)),
                Progress = progress with
                {
                    InFlight = null,
                    Attempt = progress.Attempt + 1,
                    Failures = progress.Failures + 1,
                    Trouble = why,
                    TroubleCode = answer?.Code,
                    RequestId = answer?.RequestId,
                },
            },
            answer);
        return atOnce;
    }

    private async Task<bool> TryLaterAsync(Held held, TipAnswer answer)
    {
        var progress = held.Report.Progress;
        await KeepAsync(
            held,
            held.Report with
            {
                NextAt = Moment.Of(clock) + RetrySchedule.DelayAfter(progress.Failures + 1),
                Progress = progress with
                {
                    InFlight = null,
                    Failures = progress.Failures + 1,
                    Trouble = answer.Description,
                    TroubleCode = answer.Code,
                    RequestId = answer.RequestId,
                },
            },
            answer);
        return false;
    }

    /// <summary>Wrong credentials stop everything for a while; anything else stops this report until a person has acted.</summary>
    private async Task<bool> RefusedAsync(Held held, TipAnswer answer)
    {
        if (answer.Class != AnswerClass.Credentials)
        {
            return await NeedHumanAsync(held, answer.Description, answer);
        }

        _restUntil = clock.GetUtcNow() + CredentialsRest;
        logger.LogCritical(
            "The authority refuses the credentials for {Environment}; no report is sent for {Rest}. Put the right password into reporting's passwordFile and start the service again",
            client.Environment, CredentialsRest);
        var state = held.Report.State == ReportState.Opening ? ReportState.Draft : held.Report.State;
        await KeepAsync(
            held,
            held.Report with
            {
                State = state,
                NextAt = Moment.Of(clock) + CredentialsRest,
                Progress = held.Report.Progress with { InFlight = null, Trouble = answer.Description, TroubleCode = answer.Code, RequestId = answer.RequestId },
            },
            answer);
        return false;
    }

    private async Task<bool> NeedHumanAsync(Held held, string trouble, TipAnswer? answer = null)
    {
        await KeepAsync(
            held,
            held.Report with
            {
                State = ReportState.NeedsHuman,
                Progress = held.Report.Progress with { InFlight = null, Trouble = trouble, TroubleCode = answer?.Code, RequestId = answer?.RequestId },
            },
            answer);
        logger.LogCritical("Report {Number} needs a person: palisade report show {Same} says why", held.Report.Number, held.Report.Number);
        return false;
    }

    private async Task<TipAnswer> StreamAsync(Report report, ReportFile file, int index, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        var opening = PumpAsync();
        try
        {
            await using var clear = pipe.Reader.AsStream();
            return await client.UploadAsync(
                new OpenReport(report.Environment, report.Progress.RemoteId!.Value),
                FormattableString.Invariant($"file-{index + 1}"), clear, file.SizeBytes, cancellationToken);
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
            await opening;
        }

        async Task PumpAsync()
        {
            try
            {
                await vault.OpenAsync(
                    file.EvidenceId, pipe.Writer.AsStream(leaveOpen: true), Actor.Palisade,
                    FormattableString.Invariant($"report {report.Number}"), cancellationToken);
                await pipe.Writer.CompleteAsync();
            }
            catch (Exception exception)
            {
                // The reader's end meets it, in the call that sends the bytes.
                await pipe.Writer.CompleteAsync(exception);
            }
        }
    }

    private async Task<ReportSource> ReadSourceAsync(Report report, CancellationToken cancellationToken) =>
        await ReportSources.ReadAsync(store, book, vault, views, options, report, Actor.Palisade, cancellationToken);

    private static Report WithFile(Held held, int index, ReportFile file, DateTimeOffset? lastFileAt)
    {
        var progress = Settled(held);
        var files = progress.Files.ToArray();
        files[index] = file;
        return held.Report with { Progress = progress with { Files = files, LastFileAt = lastFileAt ?? progress.LastFileAt } };
    }

    /// <summary>The step went well: nothing is in flight, and failures count anew.</summary>
    private static ReportProgress Settled(Held held) => held.Report.Progress with
    {
        InFlight = null,
        Failures = 0,
        Trouble = null,
        TroubleCode = null,
    };

    /// <summary>That a call is begun is on stable storage before its first byte leaves.</summary>
    private async Task<TipAnswer> CallAsync(Held held, TipStep step, long bytes, Func<Task<TipAnswer>> call)
    {
        await KeepAsync(
            held,
            held.Report with { Progress = held.Report.Progress with { InFlight = step } },
            answer: null,
            lease: LeaseLength + TimeSpan.FromSeconds(bytes / (64 * 1024.0)));
        return await call();
    }

    private async Task KeepAsync(Held held, Report report, TipAnswer? answer = null, TimeSpan? lease = null)
    {
        if (!held.Report.State.MayBecome(report.State))
        {
            throw new System.Diagnostics.UnreachableException($"A report that is {held.Report.State} cannot become {report.State}.");
        }

        var kept = report with { ChangedAt = Moment.Of(clock), NextAt = Moment.At(report.NextAt.ToUnixTimeMilliseconds()) };
        await store.WriteAsync(
            async transaction =>
            {
                await WriteAsync(
                    transaction, held.Lease, kept, (clock.GetUtcNow() + (lease ?? LeaseLength)).ToUnixTimeMilliseconds(), answer);
                return 0;
            },
            CancellationToken.None);
        held.Report = kept;
    }

    private async Task WriteAsync(System.Data.Common.DbTransaction transaction, string lease, Report report, long leasedUntil, TipAnswer? answer)
    {
        if (!await book.Table.UpdateAsync(transaction, report, lease, leasedUntil, clock.GetUtcNow()))
        {
            throw new LeaseLostException();
        }

        if (answer is not null)
        {
            await book.Table.AddExchangeAsync(transaction, report.Id, new ReportExchange(
                answer.ReceivedAt, answer.Step, answer.Class, answer.Code, answer.Description, answer.RequestId, answer.HttpStatus,
                report.Progress.Attempt));
        }
    }

    private Task<bool> ReleaseAsync(Held held) => store.WriteAsync(
        transaction => ReportTable.ExtendLeaseAsync(transaction, held.Report.Id, held.Lease, clock.GetUtcNow(), DateTimeOffset.UnixEpoch),
        CancellationToken.None);

    private sealed class Held(string lease, Report report)
    {
        public string Lease { get; } = lease;

        /// <summary>As it is stored.</summary>
        public Report Report { get; set; } = report;
    }

    private sealed class LeaseLostException : Exception;
}
