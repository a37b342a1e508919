using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sluice.Testing;

/// <summary>A span as a service sent it.</summary>
/// <param name="Trace">The trace's id, 32 hex digits.</param>
/// <param name="Id">Its own, 16 hex digits.</param>
/// <param name="Parent">That of its parent; empty for none.</param>
/// <param name="Name">Its name.</param>
/// <param name="Attributes">Keys of its attributes.</param>
public sealed record CollectedSpan(string Trace, string Id, string Parent, string Name, IReadOnlyList<string> Attributes);

/// <summary>Takes what services send by OTLP (http/protobuf) and keeps the spans. Logs and metrics are thrown away.</summary>
public sealed class OtlpCollector : IAsyncDisposable
{
    private readonly ConcurrentQueue<CollectedSpan> _spans = new();
    private readonly WebApplication _app;

    private OtlpCollector(WebApplication app) => _app = app;

    /// <summary>Where services send to.</summary>
    public Uri Address => new(_app.Urls.Single());

    /// <summary>What came so far.</summary>
    public IReadOnlyCollection<CollectedSpan> Spans => _spans;

    /// <summary>Starts one on a free port of 127.0.0.1.</summary>
    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        var collector = new OtlpCollector(builder.Build());
        collector._app.Run(collector.TakeAsync);
        await collector._app.StartAsync();
        return collector;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        context.Response.ContentType = "application/x-protobuf";
        if (context.Request.Path != "/v1/traces")
        {
            return;
        }

        // ExportTraceServiceRequest.resource_spans, ResourceSpans.scope_spans, ScopeSpans.spans.
        foreach (var resource in Fields(body.ToArray(), 1))
        {
            foreach (var span in Fields(resource, 2).SelectMany(scope => Fields(scope, 2)))
            {
                _spans.Enqueue(new CollectedSpan(
                    Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5), [.. Fields(span, 9).Select(attribute => Text(attribute, 1))]));
            }
        }
    }

    private static string Hex(ReadOnlyMemory<byte> message, int field) => Convert.ToHexStringLower(Fields(message, field).FirstOrDefault().Span);

    private static string Text(ReadOnlyMemory<byte> message, int field) => Encoding.UTF8.GetString(Fields(message, field).FirstOrDefault().Span);

    // The length-delimited fields of that number; all others are passed over.
    private static List<ReadOnlyMemory<byte>> Fields(ReadOnlyMemory<byte> message, int number)
    {
        const int Varint = 0, Fixed64 = 1, Delimited = 2;
        var found = new List<ReadOnlyMemory<byte>>();
        while (!message.IsEmpty)
        {
            var tag = ReadVarint(ref message);
            switch ((int)(tag & 7))
            {
                case Varint:
                    ReadVarint(ref message);
                    break;
                case Delimited:
                    var length = (int)ReadVarint(ref message);
                    if ((int)(tag >> 3) == number)
                    {
                        found.Add(message[..length]);
                    }

                    message = message[length..];
                    break;
                default:
                    message = message[((tag & 7) == Fixed64 ? sizeof(ulong) : sizeof(uint))..];
                    break;
            }
        }

        return found;
    }

    private static ulong ReadVarint(ref ReadOnlyMemory<byte> message)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message.Span[0];
            message = message[1..];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }
}
