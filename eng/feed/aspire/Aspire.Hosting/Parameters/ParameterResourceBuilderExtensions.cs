using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Adds parameters.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a parameter whose value comes from configuration.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        Add(builder, name, null, secret);

    /// <summary>Adds a parameter whose value comes from configuration, or else from a default.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the parameter.</param>
    /// <param name="value">The default.</param>
    /// <param name="secret">Whether the dashboard masks it.</param>
    /// <param name="persist">Whether the default is kept in the AppHost's user secrets, so that the next start finds the same.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false)
    {
        // A publication makes no value: it says how a deployment is to make one.
        var id = persist && builder.ExecutionContext.IsRunMode ? UserSecretsDefault.FindId(builder.AppHostAssembly) : null;
        return Add(builder, name, id is null ? value : new UserSecretsDefault(id, $"Parameters:{name}", value), secret);
    }

    /// <summary>Adds a parameter whose value comes from configuration, or else is a known one.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the parameter.</param>
    /// <param name="value">The known value.</param>
    /// <param name="publishValueAsDefault">Whether it is published with the application; else a deployment has to give one.</param>
    /// <param name="secret">Whether the dashboard masks it; what is secret cannot be published.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false)
    {
        if (publishValueAsDefault && secret)
        {
            throw new ArgumentException("A parameter that is secret cannot be published with its value.", nameof(secret));
        }

        var known = new ConstantParameterDefault(value);
        return builder.AddResource(new ParameterResource(name, _ => Find(builder.Configuration, name, known), secret)
        {
            Default = publishValueAsDefault ? known : null,
        });
    }

    private static IResourceBuilder<ParameterResource> Add(IDistributedApplicationBuilder builder, string name, ParameterDefault? value, bool secret) =>
        builder.AddResource(new ParameterResource(name, fallback => Find(builder.Configuration, name, fallback), secret) { Default = value });

    private static string Find(ConfigurationManager configuration, string name, ParameterDefault? fallback)
    {
        // Shells cannot set variables with a dash in their name: Parameters__admin_key serves admin-key.
        var key = $"Parameters:{name}";
        return configuration[key] ?? configuration[key.Replace('-', '_')] ?? fallback?.GetDefaultValue()
            ?? throw new MissingParameterValueException(
                $"Parameter '{name}' has no value. Set configuration key '{key}', for example as environment variable '{key.Replace(":", "__", StringComparison.Ordinal).Replace('-', '_')}'.");
    }
}
