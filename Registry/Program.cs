using Sluice.Registry.Access;
using Sluice.Registry.Audit;
using Sluice.Registry.Blobs;
using Sluice.Registry.Http;
using Sluice.Registry.Metrics;
using Sluice.Registry.Models;
using Sluice.Registry.Replicas;
using Sluice.Registry.Rollouts;
using Sluice.Registry.Samples;
using Sluice.Registry.Serving;
using Sluice.Registry.Store;
using Sluice.Registry.Watch;
using Sluice.ServiceDefaults;

return await ServiceHost.RunAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.AddProblemAnswers();
    builder.AddStore();
    builder.AddAccess();
    builder.Services.AddSingleton<AuditLog>();
    builder.AddBlobs();
    builder.AddWatch();
    builder.AddRegistryMetrics();
    builder.AddModels();
    builder.AddServing();
    builder.AddReplicas();
    builder.AddRollouts();
    builder.AddSamples();

    var app = builder.Build();
    app.OpenStore();
    app.UseProblemAnswers();
    app.MapDefaultEndpoints();
    app.UseAccess();
    app.MapModels();
    app.MapBlobs();
    app.MapServing();
    app.MapReplicas();
    app.MapRollouts();
    app.MapWatch();
    return app;
});
