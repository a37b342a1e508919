using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dcp;

namespace Aspire.Hosting.Dashboard;

/// <summary>The real dashboard as a process of the application: hidden on itself, behind proxies on the ports that were asked for.</summary>
internal sealed class DashboardResource : ApplicationModel.Resource, IResourceWithEndpoints, IResourceWithEnvironment
{
    private const string OtlpGrpc = "otlp-grpc";
    private const string OtlpHttp = "otlp-http";

    public DashboardResource(DashboardSettings settings, string path, Action<EnvironmentCallbackContext> environment)
        : base("aspire-dashboard")
    {
        foreach (var url in settings.Frontend.DistinctBy(url => url.Scheme))
        {
            AddEndpoint(url, url.Scheme);
        }

        AddEndpoint(settings.OtlpGrpc, OtlpGrpc, transport: "http2");
        AddEndpoint(settings.OtlpHttp, OtlpHttp);
        Frontend = this.GetEndpoint(settings.Frontend[0].Scheme);
        Annotations.Add(new LaunchAnnotation("Executable", Path.GetDirectoryName(path)!, path, Path.GetFileNameWithoutExtension(path) == "aspire-managed" ? ["dashboard"] : [])
        {
            IsHidden = true,
        });
        Annotations.Add(new EnvironmentCallbackAnnotation(context =>
        {
            environment(context);
            AddListenUrls(context.EnvironmentVariables);
            return Task.CompletedTask;
        }));
    }

    /// <summary>Where people look.</summary>
    public EndpointReference Frontend { get; }

    /// <summary>Where the application's telemetry goes; null without a dashboard.</summary>
    public static (EndpointReference Endpoint, string Protocol)? FindOtlp(IResourceCollection resources) =>
        resources.OfType<DashboardResource>().FirstOrDefault() is not { } dashboard ? null
        : dashboard.GetEndpoint(OtlpGrpc) is { Exists: true } grpc ? (grpc, "grpc")
        : (dashboard.GetEndpoint(OtlpHttp), "http/protobuf");

    private void AddEndpoint(Uri? url, string name, string? transport = null)
    {
        if (url is not null)
        {
            Annotations.Add(new EndpointAnnotation(ProtocolType.Tcp, url.Scheme, transport, name, url.Port) { TargetHost = url.Host });
        }
    }

    private void AddListenUrls(Dictionary<string, object> variables)
    {
        foreach (var service in ServicePlan.For(this))
        {
            var url = $"{service.Endpoint.UriScheme}://{service.Endpoint.TargetHost}:{service.TargetPortExpression}";
            var key = service.Endpoint.Name switch
            {
                OtlpGrpc => DashboardSettings.OtlpGrpcKey,
                OtlpHttp => DashboardSettings.OtlpHttpKey,
                _ => DashboardSettings.FrontendKey,
            };
            variables[key] = key == DashboardSettings.FrontendKey && variables.TryGetValue(key, out var others) ? $"{others};{url}" : url;
        }
    }
}
