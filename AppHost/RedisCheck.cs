using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Sluice.AppHost;

/// <summary>Healthy when redis-server takes the password and answers a PING, which it refuses while it still reads its data.</summary>
internal sealed class RedisCheck(string host, int port, ParameterResource password) : IHealthCheck
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(Limit);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, end.Token);
            await using var stream = client.GetStream();
            await using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\r\n", AutoFlush = true };
            using var reader = new StreamReader(stream, leaveOpen: true);
            await writer.WriteLineAsync($"AUTH {await password.GetValueAsync(end.Token)}".AsMemory(), end.Token);
            var entered = await reader.ReadLineAsync(end.Token);
            await writer.WriteLineAsync("PING".AsMemory(), end.Token);
            var answer = await reader.ReadLineAsync(end.Token);
            return entered == "+OK" && answer == "+PONG"
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"redis-server on port {port} answered {entered}, {answer}.");
        }
        catch (Exception exception) when (exception is SocketException or IOException || end.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"redis-server on port {port} does not answer: {exception.Message}");
        }
    }
}
