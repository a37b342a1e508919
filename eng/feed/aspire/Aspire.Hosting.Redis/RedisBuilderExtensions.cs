using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds Redis servers. The stand-in publishes them and does not run them.</summary>
public static class RedisBuilderExtensions
{
    private const string Registry = "docker.io";
    private const string Image = "library/redis";
    private const string Tag = "8.6";
    private const int Port = 6379;

    /// <summary>Adds a Redis server with a password of its own.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="port">The port for clients.</param>
    public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name, int? port) =>
        builder.AddRedis(name, port, null);

    /// <summary>Adds a Redis server.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="port">The port for clients; by default Redis's own.</param>
    /// <param name="password">The password; by default one that is made for it.</param>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        var secret = password ?? builder.AddParameter($"{name}-password", new GenerateParameterDefault { MinLength = 22, Special = false }, secret: true);
        return builder.AddResource(new RedisResource(name, secret.Resource))
            .WithImage(Image, Tag)
            .WithImageRegistry(Registry)
            .WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, name: RedisResource.EndpointName, port: port, targetPort: Port))
            .WithEnvironment("REDIS_PASSWORD", secret)
            .WithEntrypoint("/bin/sh")
            .WithArgs("-c", "redis-server --requirepass $REDIS_PASSWORD");
    }
}
