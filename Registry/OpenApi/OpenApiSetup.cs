using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Models;
using Sluice.Registry.Rollouts.Explaining;
using Sluice.Registry.Serving;
using Sluice.Registry.Sources;

namespace Sluice.Registry.OpenApi;

/// <summary>The OpenAPI document of the API. It is made when it is first asked for; docs/openapi/registry.json is a copy that a test compares.</summary>
internal static class OpenApiSetup
{
    /// <summary>Adds the document.</summary>
    public static WebApplicationBuilder AddApiDocument(this WebApplicationBuilder builder)
    {
        // Only the document reads these: handlers name the JSON that they read and write themselves.
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(1, ModelRequestsJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(2, ServingJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(3, SourcesJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(4, ExplainingJson.Default);
        });
        builder.Services.AddSingleton<IApiDescriptionProvider, OperationDescriptions>();
        builder.Services.AddOpenApi(options =>
        {
            options.AddDocumentTransformer<DocumentWords>();
            options.AddOperationTransformer<DocumentWords>();
            options.AddSchemaTransformer<DocumentWords>();
        });
        return builder;
    }

    /// <summary>Maps the document.</summary>
    public static void MapApiDocument(this IEndpointRouteBuilder app) => app.MapOpenApi(ApiPaths.Document).AllowsEverybody();
}
