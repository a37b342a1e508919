using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.ServiceDefaults;

/// <summary>How Gateway, Predictor and CanaryJudge reach the Registry.</summary>
public static class RegistryAccess
{
    /// <summary>Adds <see cref="RegistryClient"/> and a <see cref="RegistryWatch"/> that runs for the life of the process.</summary>
    public static WebApplicationBuilder AddRegistryAccess(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<RegistryClientOptions>, RegistryClientOptionsValidator>();
        builder.Services.AddOptions<RegistryClientOptions>()
            .BindConfiguration(RegistryClientOptions.Section)
            .Configure<IConfiguration>(TakeDiscoveredAddress)
            .Validate(
                options => options.Address is null or { IsAbsoluteUri: true, Scheme: "http" or "https" },
                "RegistryClient:Address must be an absolute http or https address.")
            .ValidateOnStart();

        builder.Services.AddSingleton(CreateClient);
        builder.Services.AddSingleton<RegistryWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RegistryWatch>());
        return builder;
    }

    private static RegistryClient CreateClient(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<RegistryClientOptions>>().Value;

        // Connections are renewed now and then, so that a Registry that moved behind its name is found again.
        var connections = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2), ConnectTimeout = TimeSpan.FromSeconds(5) };
        var http = new HttpClient(new RetryHandler(services.GetRequiredService<TimeProvider>()) { InnerHandler = connections })
        {
            BaseAddress = options.Address,
            Timeout = Timeout.InfiniteTimeSpan, // a watch lasts; the retry handler bounds each attempt until its headers
        };
        if (options.Token is { Length: > 0 } token)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return new RegistryClient(http);
    }

    private static void TakeDiscoveredAddress(RegistryClientOptions options, IConfiguration configuration)
    {
        if (options.Address is null && Uri.TryCreate(configuration["services:registry:http:0"], UriKind.RelativeOrAbsolute, out var address))
        {
            options.Address = address;
        }
    }
}
