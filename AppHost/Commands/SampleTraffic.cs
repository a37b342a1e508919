using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sluice.AppHost.Commands;

/// <summary>Users of the sample: rows of its held-out data, one after the other, for a while. One traffic at a time.</summary>
/// <param name="gateway">Who is asked.</param>
/// <param name="samplesFolder">Where the rows lie.</param>
internal sealed partial class SampleTraffic(EndpointReference gateway, string samplesFolder)
{
    /// <summary>How many requests are sent.</summary>
    public const int RequestsPerSecond = 25;

    /// <summary>For how long.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromMinutes(3);

    private const string Path = "/models/wine/invocations";

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(40) };

    private DateTimeOffset _until;
    private int _isRunning;

    /// <summary>Starts it, if the first request is answered; the rest goes on by itself, and its end is told in the console log.</summary>
    public async Task<ExecuteCommandResult> StartAsync(ExecuteCommandContext context)
    {
        if (Interlocked.Exchange(ref _isRunning, 1) == 1)
        {
            return new() { Success = false, Message = $"Traffic is being sent already, for another {(_until - DateTimeOffset.UtcNow).TotalSeconds:0} s." };
        }

        var isStarted = false;
        try
        {
            var rows = await ReadRowsAsync(context.CancellationToken);
            using (var answer = await AskAsync(rows[0], context.CancellationToken))
            {
                if (!answer.IsSuccessStatusCode)
                {
                    return new()
                    {
                        Success = false,
                        Message = answer.StatusCode == HttpStatusCode.Unauthorized
                            ? "The gateway asks for a key (Access=keys): send traffic of your own, with one."
                            : $"The gateway answers {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(context.CancellationToken)}",
                    };
                }
            }

            _until = DateTimeOffset.UtcNow + Duration;
            var stopping = context.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            _ = SendAsync(rows, context.Logger, stopping);
            isStarted = true;
            return new() { Success = true, Message = $"{RequestsPerSecond} requests a second go to wine for {Duration.TotalMinutes:0} minutes. The gateway's console log tells what became of them." };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TaskCanceledException { InnerException: TimeoutException })
        {
            return new() { Success = false, Message = $"The gateway does not answer: {exception.Message}" };
        }
        finally
        {
            if (!isStarted)
            {
                Volatile.Write(ref _isRunning, 0);
            }
        }
    }

    private async Task SendAsync(string[] rows, ILogger logger, CancellationToken stopping)
    {
        var (sent, failed) = (0, 0);
        var pending = new List<Task>();
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / RequestsPerSecond));
            while (DateTimeOffset.UtcNow < _until && await timer.WaitForNextTickAsync(stopping))
            {
                pending.RemoveAll(task => task.IsCompleted);
                pending.Add(CountAsync(rows[sent++ % rows.Length]));
            }

            await Task.WhenAll(pending);
        }
        catch (OperationCanceledException)
        {
            // The AppHost ends.
        }
        finally
        {
            LogSent(logger, sent, failed);
            Volatile.Write(ref _isRunning, 0);
        }

        async Task CountAsync(string row)
        {
            try
            {
                using var answer = await AskAsync(row, stopping);
                if (!answer.IsSuccessStatusCode)
                {
                    Interlocked.Increment(ref failed);
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                Interlocked.Increment(ref failed);
            }
        }
    }

    private async Task<HttpResponseMessage> AskAsync(string row, CancellationToken cancellationToken)
    {
        using var content = new StringContent($$"""{"inputs":[[{{row}}]]}""", null, "application/json");
        return await Http.PostAsync(new Uri(gateway.Url + Path), content, cancellationToken);
    }

    // The last column is the label.
    private async Task<string[]> ReadRowsAsync(CancellationToken cancellationToken)
    {
        var lines = await File.ReadAllLinesAsync(System.IO.Path.Combine(samplesFolder, "wine", "held_out.csv"), cancellationToken);
        return [.. lines.Skip(1).Select(line => line[..line.LastIndexOf(',')])];
    }

    [LoggerMessage(LogLevel.Information, "Sample traffic is over: {Sent} requests were sent, {Failed} of them failed")]
    private static partial void LogSent(ILogger logger, int sent, int failed);
}
