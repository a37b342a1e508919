using System.Net;
using System.Threading.Channels;

namespace Aspire.Hosting.Dcp;

/// <summary>The output of a process and what DCP says about it, merged line by line, for as long as somebody watches.</summary>
internal static class ProcessOutput
{
    public static Task FollowAsync(DcpClient client, string id, ChannelWriter<(string Text, bool IsError)> lines, CancellationToken cancellationToken) => Task.WhenAll(
        FollowAsync(client, id, "stdout", line => (line, false), lines, cancellationToken),
        FollowAsync(client, id, "stderr", line => (line, true), lines, cancellationToken),
        FollowAsync(client, id, "system", FromSystem, lines, cancellationToken));

    private static async Task FollowAsync(
        DcpClient client, string id, string source, Func<string, (string Text, bool IsError)> convert,
        ChannelWriter<(string Text, bool IsError)> lines, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await foreach (var line in client.FollowLogAsync(id, source, cancellationToken).ConfigureAwait(false))
                {
                    await lines.WriteAsync(convert(line), cancellationToken).ConfigureAwait(false);
                }

                return;
            }
            catch (HttpRequestException exception) when (exception.StatusCode == HttpStatusCode.NotFound)
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
