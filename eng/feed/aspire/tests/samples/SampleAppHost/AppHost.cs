// Two services, one of them twice; the tests give the ports.
var builder = DistributedApplication.CreateBuilder(args);
var secret = builder.AddParameter("sample-secret", new GenerateParameterDefault { MinLength = 24, Special = false }, secret: true, persist: true);

var back = builder.AddProject<Projects.SampleWeb>("back", launchProfileName: null)
    .WithHttpEndpoint(port: builder.Configuration["BACK_PORT"] is { } port ? int.Parse(port, System.Globalization.CultureInfo.InvariantCulture) : null)
    .WithHttpEndpoint(name: "second", env: "SECOND_PORT")
    .WithEnvironment("HEALTHY_AFTER_SECONDS", builder.Configuration["HEALTHY_AFTER_SECONDS"] ?? "0")
    .WithEnvironment("SECRET", secret)
    .WithHttpHealthCheck("/health")
    .WithReplicas(2);

builder.AddProject<Projects.SampleWeb>("front", launchProfileName: null)
    .WithHttpEndpoint()
    .WithReference(back)
    .WithEnvironment("MIXED", $"{back.GetEndpoint("http")}/x?{secret}")
    .WithExternalHttpEndpoints()
    .WaitFor(back)
    .OnResourceReady((front, _, _) =>
    {
        Console.WriteLine($"front is ready: {front.GetEndpoint("http").Url}");
        return Task.CompletedTask;
    });

builder.Build().Run();
