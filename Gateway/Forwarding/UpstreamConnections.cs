using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.Options;

namespace Sluice.Gateway.Forwarding;

/// <summary>The connections to all replicas, shared by all models.</summary>
internal sealed class UpstreamConnections : IDisposable
{
    public UpstreamConnections(IOptions<GatewayOptions> options)
    {
        Invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.Value.ConnectTimeout,
            EnableMultipleHttp2Connections = true, // for gRPC: one takes a hundred calls at once

            // Shorter than a replica's server keeps an idle connection, so that it is not closed there while a request is sent here.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),

            // The exchange writes the trace's headers itself, once, from the span of the attempt. The handler would make a span of its own too.
            ActivityHeadersPropagator = null,

            // What it would measure, the figures of the routes say already, and by version; four instruments a request cost one in thirty of its time.
            MeterFactory = new UnobservedMeters(),
        });
    }

    /// <summary>Sends requests over them.</summary>
    public HttpMessageInvoker Invoker { get; }

    public void Dispose() => Invoker.Dispose();

    /// <summary>Meters of a name that nobody listens to.</summary>
    private sealed class UnobservedMeters : IMeterFactory
    {
        private readonly Meter _meter = new("Unobserved");

        public Meter Create(MeterOptions options) => _meter;

        public void Dispose() => _meter.Dispose();
    }
}
