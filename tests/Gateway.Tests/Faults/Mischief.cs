using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sluice.Contracts;
using Sluice.Gateway.Tests.Neighbours;

namespace Sluice.Gateway.Tests.Faults;

/// <summary>How a predictor's answer goes wrong, by the name that tests give it.</summary>
internal static class Mischief
{
    /// <summary>Answers so.</summary>
    /// <param name="context">The request; the answer has its headers already.</param>
    /// <param name="kind"><c>ok</c>, <c>abort</c>, <c>half</c>, <c>hang</c>, <c>200 of another digest</c>, or a status, which may be <c>without a digest</c>.</param>
    public static async Task PlayAsync(HttpContext context, string kind)
    {
        switch (kind)
        {
            case "ok":
                break;
            case "abort":
                context.Abort();
                break;
            case "half":
                context.Response.ContentLength = 1000;
                await context.Response.Body.WriteAsync(new byte[500]);
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case "hang":
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case "200 of another digest":
                context.Response.Headers[SluiceHeaders.Digest] = FakeRegistry.DigestOf("wine", 2);
                await context.Response.WriteAsync("another version's answer");
                break;
            case var stranger when stranger.EndsWith(" without a digest", StringComparison.Ordinal):
                context.Response.StatusCode = StatusOf(stranger);
                context.Response.Headers.Remove(SluiceHeaders.Digest);
                await context.Response.WriteAsync("<html>It works!</html>");
                break;
            default:
                context.Response.StatusCode = StatusOf(kind);
                await context.Response.WriteAsync("""{"error":"wrong"}""");
                break;
        }
    }

    private static int StatusOf(string kind) => int.Parse(kind[..3], CultureInfo.InvariantCulture);
}
