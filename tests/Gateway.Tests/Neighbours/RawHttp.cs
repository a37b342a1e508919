using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Gateway.Tests.Neighbours;

/// <summary>Requests byte for byte, as no decent client would send them.</summary>
internal static class RawHttp
{
    /// <summary>Sends a request and reads the status of the answer; fails when there is none within 10 s.</summary>
    public static async Task<int> StatusAsync(Uri address, string request)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, patience.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), patience.Token);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var line = await reader.ReadLineAsync(patience.Token) ?? throw new IOException("The connection was closed without an answer.");
        return int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
