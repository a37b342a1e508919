using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;
using Sluice.Registry.Models;

namespace Sluice.Registry.Sources;

/// <summary>The JSON body of <c>POST /api/models/{model}/versions</c>: where the files are, and what is told about the version.</summary>
internal sealed record StoredVersion : VersionMetadata
{
    /// <summary>The form in words, for errors.</summary>
    public new const string Form = "an object with storageUri (text), digest (the version's, optional), and the fields of an upload's metadata: " + VersionMetadata.Form;

    /// <summary>Where the files are.</summary>
    public required string StorageUri { get; init; }

    /// <summary>What the version's digest must be; null for whatever it is.</summary>
    public string? Digest { get; init; }
}

/// <summary>Generated JSON of what is told about versions that lie elsewhere. A field that is not known is a mistake.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    RespectNullableAnnotations = true,
    NumberHandling = JsonNumberHandling.Strict,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    MaxDepth = 16)]
[JsonSerializable(typeof(StoredVersion))]
internal sealed partial class SourcesJson : JsonSerializerContext;

/// <summary>Registration from storage URIs over HTTP: a body of JSON where an upload has files.</summary>
internal static class SourceEndpoints
{
    private const long LargestBody = 32 * 1024 * 1024; // golden vectors may be many

    /// <summary>Adds the places that versions may be fetched from.</summary>
    public static WebApplicationBuilder AddSources(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<SourceOptions>, SourceOptionsRanges>();
        builder.Services.AddSingleton<IValidateOptions<SourceOptions>, SourceOptionsValidator>();
        builder.Services.AddOptions<SourceOptions>().BindConfiguration(SourceOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<StorageUris>();
        builder.Services.AddSingleton<SourceRegistration>();
        return builder;
    }

    /// <summary>Registers what a request's JSON body names.</summary>
    /// <exception cref="BadHttpRequestException">The body is not of its form, or what it names cannot be registered.</exception>
    public static async Task<ModelVersion> RegisterStoredAsync(this SourceRegistration sources, string model, HttpContext context, CancellationToken cancellationToken)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LargestBody; // the route has none, for uploads
        }

        var told = await JsonBody.ReadAsync(context.Request, SourcesJson.Default.StoredVersion, StoredVersion.Form, cancellationToken);
        var problem = told.FindProblem() ?? FieldProblem.Unless(
            told.Digest is null || VersionDigest.IsValid(told.Digest), "digest", "sha256: and 64 lower-case hex digits are expected");
        return problem is null
            ? await sources.RegisterFromUriAsync(model, told.StorageUri, told, told.Digest, context.Caller(), cancellationToken)
            : throw new BadHttpRequestException($"{problem.Field}: {problem.Expectation}.");
    }
}
