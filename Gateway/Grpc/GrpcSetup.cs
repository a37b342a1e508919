using Microsoft.Extensions.Options;
using Sluice.ServiceDefaults;

namespace Sluice.Gateway.Grpc;

/// <summary>The gRPC side of the gateway and the port it is on. Inference is forwarded; the rest is answered here.</summary>
internal static partial class GrpcSetup
{
    public static void AddGrpcInference(this WebApplicationBuilder builder)
    {
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<GrpcDestinations>();

        // It logs every message that it cannot read as an error with a stack trace: whoever sends such messages would fill the log.
        builder.Logging.AddFilter("Grpc.AspNetCore.Server", LogLevel.None);
        builder.ListenForGrpcOn($"{GatewayOptions.Section}:{nameof(GatewayOptions.GrpcPort)}");
    }

    /// <summary>Maps what is answered here, on every endpoint that speaks HTTP/2.</summary>
    public static void MapGrpcInference(this WebApplication app)
    {
        app.MapGrpcService<ModelService>();
        app.MapGrpcService<HealthService>();
        if (app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value.GrpcPort is { } port)
        {
            LogPort(app.Logger, port);
        }
    }

    [LoggerMessage(LogLevel.Information, "gRPC is on port {Port}")]
    private static partial void LogPort(ILogger logger, int port);
}
