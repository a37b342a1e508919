using Sluice.CanaryJudge;
using Sluice.ServiceDefaults;

return await ServiceHost.RunAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.AddRegistryAccess();
    builder.AddJudge();

    var app = builder.Build();
    app.MapDefaultEndpoints();
    return app;
});
