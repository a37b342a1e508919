using System.IO.Compression;
using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Model;
using Grpc.Net.Compression;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Sluice.ServiceDefaults;

namespace Sluice.Predictor.Grpc;

/// <summary>The gRPC side of the predictor and the port it is on: HTTP/1.1 and HTTP/2 without TLS cannot be told apart on one.</summary>
internal static partial class GrpcEndpoints
{
    public static WebApplicationBuilder AddGrpcInference(this WebApplicationBuilder builder)
    {
        builder.Services.AddGrpc();
        builder.Services.AddOptions<GrpcServiceOptions>().Configure<IOptions<PredictorOptions>>(Bound);
        builder.Services.AddSingleton<IServiceMethodProvider<InferenceService>, InferenceService.Methods>();
        builder.Services.AddSingleton<IServiceMethodProvider<HealthService>, HealthService.Methods>();
        builder.Services.AddSingleton<InferenceService>();
        builder.Services.AddSingleton<HealthService>();
        builder.Services.AddSingleton<GrpcInference>();
        builder.Services.AddSingleton<GrpcModels>();

        // It logs every message that it cannot read as an error with a stack trace: whoever sends such messages would fill the log. What goes wrong on
        // this side is logged where it does.
        builder.Logging.AddFilter("Grpc.AspNetCore.Server", LogLevel.None);
        builder.ListenForGrpcOn($"{PredictorOptions.Section}:{nameof(PredictorOptions.GrpcPort)}");
        return builder;
    }

    /// <summary>Maps the services. They are on every endpoint that speaks HTTP/2, so Kestrel's own configuration can provide one with TLS, too.</summary>
    public static WebApplication MapGrpcInference(this WebApplication app)
    {
        app.UseFramingFaults();

        // The limit on messages is the one that counts; with the one on bodies, a stream would end at some length.
        var unbounded = new DisableRequestSizeLimitAttribute();
        app.MapGrpcService<InferenceService>().WithMetadata(unbounded);
        app.MapGrpcService<HealthService>().WithMetadata(unbounded);
        Tell(app.Logger, app.Services.GetRequiredService<IOptions<PredictorOptions>>().Value.GrpcPort);
        return app;
    }

    private static void Bound(GrpcServiceOptions grpc, IOptions<PredictorOptions> options)
    {
        var limit = (int)Math.Min(options.Value.MaxRequestBodyBytes, int.MaxValue);
        grpc.MaxReceiveMessageSize = limit;
        grpc.CompressionProviders.Clear();
        grpc.CompressionProviders.Add(new BoundedCompression(new GzipCompressionProvider(CompressionLevel.Fastest), limit));
    }

    private static void Tell(ILogger logger, int? port)
    {
        if (port is { } listened)
        {
            LogPort(logger, listened);
        }
        else
        {
            LogNoPort(logger);
        }
    }

    [LoggerMessage(LogLevel.Information, "gRPC is on port {Port}")]
    private static partial void LogPort(ILogger logger, int port);

    [LoggerMessage(LogLevel.Information, "There is no gRPC endpoint: Predictor:GrpcPort is not set")]
    private static partial void LogNoPort(ILogger logger);
}
