using Sluice.Gateway;
using Sluice.Gateway.Access;
using Sluice.Gateway.Capture;
using Sluice.Gateway.Figures;
using Sluice.Gateway.Forwarding;
using Sluice.Gateway.Grpc;
using Sluice.Gateway.Health;
using Sluice.Gateway.Limits;
using Sluice.Gateway.Metadata;
using Sluice.Gateway.Mirror;
using Sluice.Gateway.Passage;
using Sluice.Gateway.Reports;
using Sluice.Gateway.Routing;
using Sluice.Gateway.Tls;
using Sluice.ServiceDefaults;

return await ServiceHost.RunAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.AddRegistryAccess();
    builder.AddGatewayOptions();
    builder.AddTls();
    builder.AddLimits();
    builder.AddAccess();
    builder.AddFigures();
    builder.AddRoutes();
    builder.AddForwarding();
    builder.AddGrpcInference();
    builder.AddMirror();
    builder.AddCapture();
    builder.AddHealth();
    builder.AddReports();
    builder.AddPassageToRegistry();

    var app = builder.Build();
    app.MapDefaultEndpoints();
    app.UseInference();
    app.UseErrorPages();
    app.UseRouting(); // here, so that inference is not looked up a second time
    app.UseAuthorization(); // asked for by the libraries of gRPC and passage, used by nobody: not named here, it would stand before inference
    app.UseAccess();
    app.MapMetadata();
    app.MapGrpcInference();
    app.MapPassageToRegistry();
    return app;
});
