using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sluice.Contracts;

namespace Sluice.GatewayBench.Servers;

/// <summary>What stands behind every proxy: answers any POST with a small JSON body, and says to be a version when its path names one.</summary>
internal static class Replica
{
    private static readonly byte[] Body = """{"model_name":"m","model_version":"1","outputs":[{"name":"y","datatype":"FP32","shape":[1,3],"data":[0.1,0.2,0.7]}]}"""u8.ToArray();

    /// <summary>Serves until it is ended.</summary>
    /// <param name="port">Of 127.0.0.1.</param>
    /// <param name="digests">Of version 1, 2, ….</param>
    public static async Task<int> RunAsync(string port, string[] digests)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:" + port);
        await using var app = builder.Build();
        app.Run(async context =>
        {
            var response = context.Response;
            if (HttpMethods.IsGet(context.Request.Method))
            {
                return; // a probe
            }

            var body = context.Request.BodyReader;
            ReadResult read;
            do
            {
                read = await body.ReadAsync();
                body.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted);

            var version = VersionIn(context.Request.Path.Value!);
            if (version <= digests.Length)
            {
                response.Headers[SluiceHeaders.Digest] = digests[version - 1];
                response.Headers[SluiceHeaders.Fault] = FaultClass.Ok.Label();
            }

            response.ContentType = "application/json";
            response.ContentLength = Body.Length;
            await response.Body.WriteAsync(Body);
        });
        await app.RunAsync();
        return 0;
    }

    private static int VersionIn(string path)
    {
        const string Marker = "/versions/";
        var at = path.IndexOf(Marker, StringComparison.Ordinal);
        return at < 0 ? 1 : int.Parse(path.AsSpan(at + Marker.Length)[..^"/infer".Length], NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
