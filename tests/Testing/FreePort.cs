using System.Net;
using System.Net.Sockets;

namespace Sluice.Testing;

/// <summary>Ports on 127.0.0.1 that nobody listens on.</summary>
public static class FreePort
{
    /// <summary>Several different ports. They are free now; whoever needs them binds them soon.</summary>
    public static int[] Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            foreach (var listener in listeners)
            {
                listener.Start();
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners)
            {
                listener.Dispose();
            }
        }
    }
}
