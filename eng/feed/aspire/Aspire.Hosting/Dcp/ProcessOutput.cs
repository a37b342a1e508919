using System.Net;
using System.Threading.Channels;

namespace Aspire.Hosting.Dcp;

/// <summary>The output of a process and what DCP says about it, merged line by line, for as long as somebody watches.</summary>
internal static class ProcessOutput
{
    public static Task ReadAsync(
        DcpClient client, string id, bool follow, ChannelWriter<(string Text, bool IsError)> lines, CancellationToken cancellationToken) => Task.WhenAll(
        ReadAsync(client, id, "stdout", follow, line => (line, false), lines, cancellationToken),
        ReadAsync(client, id, "stderr", follow, line => (line, true), lines, cancellationToken),
        ReadAsync(client, id, "system", follow, FromSystem, lines, cancellationToken));

    private static async Task ReadAsync(
        DcpClient client, string id, string source, bool follow, Func<string, (string Text, bool IsError)> convert,
        ChannelWriter<(string Text, bool IsError)> lines, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await foreach (var line in client.ReadLogAsync(id, source, follow, cancellationToken).ConfigureAwait(false))
                {
                    await lines.WriteAsync(convert(line), cancellationToken).ConfigureAwait(false);
                }

                return;
            }
            catch (HttpRequestException exception) when (exception.StatusCode == HttpStatusCode.NotFound && follow)
            {
                // The process waits for others and has not been created.
                await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>From "time, level, logger, message, details" between tabs.</summary>
    private static (string Text, bool IsError) FromSystem(string line)
    {
        var parts = line.Split('\t', 5);
        return parts.Length < 4 ? (line, false) : ($"{parts[0]} [sys] {parts[3]}{(parts.Length > 4 ? ": " + parts[4] : "")}", parts[1] == "error");
    }
}
