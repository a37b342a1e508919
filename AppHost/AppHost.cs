// What runs, with what, in which order. The only place that knows all services.
using Sluice.AppHost;
using Sluice.AppHost.Commands;
using Sluice.AppHost.Kubernetes;

var builder = DistributedApplication.CreateBuilder(args);

var isRun = builder.ExecutionContext.IsRunMode;
var settings = LocalSettings.Read(builder.Configuration, builder.AppHostDirectory);
if (isRun && settings.FindProblem() is { } problem)
{
    Console.Error.WriteLine(problem);
    return LocalSettings.InvalidExitCode;
}

settings.ApplyTo(builder.Configuration);

var chart = ClusterChart.Add(builder, settings.RulesFolder, settings.SamplesFolder);

// The secrets by which the Registry knows the other services, and whoever sets it up. Each service has its own and no other.
var gatewayToken = AddToken("gateway-token");
var predictorToken = AddToken("predictor-token");
var judgeToken = AddToken("judge-token");
var adminToken = AddToken("admin-token");

var registry = builder.AddProject<Projects.Registry>("registry", launchProfileName: null)
    .WithHttpEndpoint(port: settings.RegistryPort)
    .AsSluiceService(chart)
    .WithEnvironment("Registry__Access", settings.Access)
    .WithLocalFolder("Registry__DataDirectory", settings.DataFolder("registry"))
    .WithLocalFolder("Registry__SamplesDirectory", settings.SamplesFolder)
    .WithEnvironment("Registry__Services__gateway__Token", gatewayToken)
    .WithEnvironment("Registry__Services__predictor__Token", predictorToken)
    .WithEnvironment("Registry__Services__judge__Token", judgeToken)
    .WithEnvironment("Registry__Services__admin__Token", adminToken);

if (isRun && settings.UsesRedis)
{
    registry.KeepsStateIn(LocalRedis.Add(builder, settings.RedisPort, settings.DataFolder("redis")), settings.DataFolder("registry/blobs"));
}

var predictor = AddPredictor("predictor", pool: "stable").WithReplicas(2);
AddPredictor("predictor-canary", pool: "canary");

var gateway = builder.AddProject<Projects.Gateway>("gateway", launchProfileName: null)
    .WithHttpEndpoint(port: settings.GatewayPort)
    .WithHttpEndpoint(port: settings.GatewayGrpcPort, targetPort: chart.GrpcPort, name: "grpc", env: "Gateway__GrpcPort")
    .WithEndpoint("grpc", endpoint => endpoint.Transport = "http2")
    .WithExternalHttpEndpoints()
    .AsSluiceService(chart)
    .WithEnvironment("Gateway__Access", settings.Access)
    .FollowsRegistry(registry, gatewayToken, settings.DataFolder("gateway"));

var judge = builder.AddProject<Projects.CanaryJudge>("canaryjudge", launchProfileName: null)
    .WithHttpEndpoint() // a port of its own; without an endpoint it would take the framework's default, 5000
    .AsSluiceService(chart)
    .FollowsRegistry(registry, judgeToken, settings.DataFolder("canaryjudge"));

if (isRun && settings.UsesPrometheus)
{
    judge.JudgesBy(LocalPrometheus.Add(builder, settings.PrometheusPort, settings.DataFolder("prometheus"), settings.RulesFolder, registry, judge));
}

DashboardCommands.Add(gateway, registry, adminToken, settings.SamplesFolder);
Welcome.PrintWhenReady(builder, settings, gateway, predictor);

builder.Build().Run();
return Environment.ExitCode; // of a publication that failed

IResourceBuilder<ParameterResource> AddToken(string name) =>
    builder.AddParameter(name, new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);

IResourceBuilder<ProjectResource> AddPredictor(string name, string pool) =>
    builder.AddProject<Projects.Predictor>(name, launchProfileName: null)
        .WithHttpEndpoint()
        .WithHttpEndpoint(targetPort: chart.GrpcPort, name: "grpc", env: "Predictor__GrpcPort")
        .WithEndpoint("grpc", endpoint => endpoint.Transport = "http2")
        .AsSluiceService(chart)
        .FollowsRegistry(registry, predictorToken, settings.DataFolder(name))
        .WithEnvironment("Predictor__Pool", pool)
        .WithLocalFolder("Predictor__CacheDirectory", settings.DataFolder("cache"));
