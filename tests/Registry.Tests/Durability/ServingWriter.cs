using System.Net;
using Sluice.Contracts;

namespace Sluice.Registry.Tests.Durability;

/// <summary>
/// Sets the stable version of one model again and again, each time naming the generation that it knows. What was acknowledged must be there for ever after, and
/// at most one more: the command whose answer got lost.
/// </summary>
internal sealed class ServingWriter(string model, Func<HttpClient?> registry)
{
    private long _acknowledged;

    public string Model => model;

    /// <summary>The generation that was acknowledged last.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (registry() is not { } http || !(await TryWriteAsync(http) || await TryLookAsync(http)))
                {
                    await PauseAsync(stop);
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
            {
                await PauseAsync(stop);
                await LookUntilAnsweredAsync(stop);
            }
        }
    }

    /// <summary>What the Registry says now; it must not be behind what was acknowledged, nor ahead by more than the one command in doubt.</summary>
    public async Task<bool> TryLookAsync(HttpClient http)
    {
        using var answer = await http.GetAsync($"/api/models/{model}/serving");
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            Assert.Equal(0, Acknowledged);
            return true;
        }

        if (!answer.IsSuccessStatusCode)
        {
            return false;
        }

        var state = await Calls.ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.ServingState);
        Assert.InRange(state.Generation, Acknowledged, Acknowledged + 1);
        Volatile.Write(ref _acknowledged, state.Generation);
        return true;
    }

    private async Task<bool> TryWriteAsync(HttpClient http)
    {
        using var answer = await http.ServeAsync(model, $$"""{"stable": {{1 + (Acknowledged % 2)}}, "generation": {{Acknowledged}}}""");
        if (!answer.IsSuccessStatusCode)
        {
            Assert.True(
                answer.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.ServiceUnavailable, $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
            return false;
        }

        var state = await Calls.ReadAsync(answer, HttpStatusCode.OK, ContractsJson.Default.ServingState);
        Assert.Equal(Acknowledged + 1, state.Generation);
        Volatile.Write(ref _acknowledged, state.Generation);
        return true;
    }

    private async Task LookUntilAnsweredAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (registry() is { } http && await TryLookAsync(http))
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
            {
                // Killed again.
            }

            await PauseAsync(stop);
        }
    }

    private static Task PauseAsync(CancellationToken stop) => Task.Delay(20, stop).ContinueWith(_ => { }, TaskScheduler.Default);
}
