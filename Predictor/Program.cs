// A replica: holds the versions of its pool, answers inference from them, tells the Registry how it is.
using Sluice.Predictor;
using Sluice.Predictor.Grpc;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Reports;
using Sluice.Predictor.Versions;
using Sluice.ServiceDefaults;

return await ServiceHost.RunAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.AddRegistryAccess();
    builder.AddPredictorOptions();
    builder.AddVersions();
    builder.AddInference();
    builder.AddGrpcInference();
    builder.AddReports();

    var app = builder.Build();
    app.MapDefaultEndpoints();
    app.MapInference();
    app.MapGrpcInference();
    return app;
});
