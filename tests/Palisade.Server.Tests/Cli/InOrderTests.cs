using Palisade.Server.Cli;

namespace Palisade.Server.Tests.Cli;

public sealed class InOrderTests
{
    [Fact]
    public async Task Results_come_in_the_order_of_the_things_even_when_the_first_is_done_last()
    {
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var results = InOrder.SelectAsync(
            Enumerable.Range(0, 8),
            atOnce: 2,
            async (number, _) =>
            {
                if (number == 0)
                {
                    await first.Task;
                }
                else if (number == 7)
                {
                    first.SetResult();
                }

                return number;
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(0, 8), await results.ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Never_more_than_allowed_are_worked_on_at_once()
    {
        var (now, most) = (0, 0);

        var results = InOrder.SelectAsync(
            Enumerable.Range(0, 200),
            atOnce: 3,
            async (number, _) =>
            {
                var busy = Interlocked.Increment(ref now);
                InterlockedMax(ref most, busy);
                await Task.Yield();
                Interlocked.Decrement(ref now);
                return number;
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(200, await results.CountAsync(TestContext.Current.CancellationToken));
        Assert.InRange(most, 1, 3);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while (value > (seen = Volatile.Read(ref most)) && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
            // Somebody else raised it meanwhile: look again.
        }
    }
}
