using System.Data.Common;

namespace Palisade.Storage;

/// <summary>A write that waits for SQLite's one writer.</summary>
internal abstract class PendingWrite
{
    /// <summary>True when its caller left before it began.</summary>
    public abstract bool IsAbandoned { get; }

    /// <summary>Runs it inside the open transaction; an error is the caller's to undo.</summary>
    public abstract Task RunAsync(DbTransaction transaction);

    /// <summary>Call only after the commit.</summary>
    public abstract void Acknowledge();

    public abstract void Fail(Exception error);
}

internal sealed class PendingWrite<T>(Func<DbTransaction, Task<T>> write, CancellationToken cancellationToken) : PendingWrite
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Completion => _completion.Task;

    public override bool IsAbandoned
    {
        get
        {
            if (cancellationToken.IsCancellationRequested)
            {
                _completion.TrySetCanceled(cancellationToken);
            }

            return _completion.Task.IsCompleted;
        }
    }

    public override async Task RunAsync(DbTransaction transaction) => _result = await write(transaction);

    public override void Acknowledge() => _completion.TrySetResult(_result!);

    public override void Fail(Exception error) => _completion.TrySetException(error);
}
