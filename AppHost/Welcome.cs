using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.AppHost;

/// <summary>Says on the console where everything is, once a prediction can be made.</summary>
internal static class Welcome
{
    // The wine that the founding request describes.
    private const string Features = "14.23,1.71,2.43,15.6,127.0,2.8,3.06,0.28,2.29,5.64,1.04,3.92,1065.0";

    public static void PrintWhenReady(
        IDistributedApplicationBuilder builder, LocalSettings settings, IResourceBuilder<ProjectResource> gateway, IResourceBuilder<ProjectResource> predictor) =>
        gateway.OnResourceReady(async (_, ready, cancellationToken) =>
        {
            var resources = ready.Services.GetRequiredService<ResourceNotificationService>();
            await resources.WaitForResourceHealthyAsync(predictor.Resource.Name, cancellationToken);
            Print(builder.Configuration, settings, gateway.GetEndpoint("http").Url);
        });

    private static void Print(ConfigurationManager configuration, LocalSettings settings, string gateway)
    {
        var body = $$"""{"inputs":[{"name":"features","shape":[1,13],"datatype":"FP32","data":[{{Features}}]}]}""";
        Console.WriteLine($"""

            Sluice is ready.
              Dashboard  {configuration["ASPNETCORE_URLS"]}/login?t={configuration["AppHost:BrowserToken"]}
              Gateway    {gateway}
              Try        curl -s {gateway}/v2/models/wine/infer {(settings.AsksForKeys ? Bearer("KEY") + " " : "")}-d '{body}'

            """);
        if (settings.AsksForKeys)
        {
            // Both lines as they are pasted into a shell. The secret itself is never written to the console.
            Console.WriteLine($$"""
                  ADMIN is the secret admin-token, by which the KEY is made; dotnet user-secrets list --project AppHost tells it:
                             curl -s http://localhost:{{settings.RegistryPort}}/api/keys {{Bearer("ADMIN")}} -H 'content-type: application/json' -d '{"name":"me","scopes":["infer"]}'

                """);
        }
    }

    private static string Bearer(string variable) => $"-H \"authorization: Bearer ${variable}\"";
}
