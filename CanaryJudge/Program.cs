using Sluice.CanaryJudge;
using Sluice.CanaryJudge.Sources.Prometheus;
using Sluice.ServiceDefaults;

return await ServiceHost.RunAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.AddRegistryAccess();
    builder.AddJudge();
    builder.AddPrometheusSource();

    var app = builder.Build();
    app.MapDefaultEndpoints();
    return app;
});
