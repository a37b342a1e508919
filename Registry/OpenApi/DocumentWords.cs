using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Sluice.Contracts;
using Sluice.Registry.Access;

namespace Sluice.Registry.OpenApi;

/// <summary>Adds to the document what no route, handler or type says: names, scopes, bodies that are no JSON.</summary>
internal sealed class DocumentWords : IOpenApiDocumentTransformer, IOpenApiOperationTransformer, IOpenApiSchemaTransformer
{
    private const string Bearer = "bearer";

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Sluice Registry",
            Version = "1",
            Description = "Models, versions, rollouts. Every error is application/problem+json, whose type (urn:sluice:problem:…) programs may rely on.",
        };
        document.Servers = []; // wherever it runs
        document.Tags = null;
        document.AddComponent<IOpenApiSecurityScheme>(Bearer, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = Bearer,
            Description = "An API key (slk_…), a token, or a service's secret. Not asked for where access is open.",
        });
        return Task.CompletedTask;
    }

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (OperationDescriptions.Find(context.Description) is not { } known)
        {
            return Task.CompletedTask;
        }

        operation.OperationId = known.Id;
        operation.Summary = known.Summary;
        operation.Tags = null;
        AddRawBodies(operation, known);
        var rule = context.Description.ActionDescriptor.EndpointMetadata.OfType<AccessRule>().LastOrDefault() ?? AccessRule.Undeclared;
        if (!rule.IsPublic)
        {
            operation.Description = rule.Scopes.Count == 0 ? "Any credential will do." : $"Needs the scope {string.Join(" or ", rule.Scopes.Append(Scopes.Admin).Distinct())}.";
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
        }

        return Task.CompletedTask;
    }

    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.JsonTypeInfo.Type == typeof(Weight))
        {
            (schema.Type, schema.Minimum, schema.Maximum) = (JsonSchemaType.Integer, "0", "10000");
            schema.Description = "Basis points of a model's traffic.";
        }
        else if (context.JsonTypeInfo.Type == typeof(JsonElement))
        {
            schema.Description = "Any JSON.";
        }

        return Task.CompletedTask;
    }

    private static void AddRawBodies(OpenApiOperation operation, ApiOperation known)
    {
        if (known.RawBodies.Length == 0)
        {
            return;
        }

        var content = operation.RequestBody?.Content ?? new Dictionary<string, OpenApiMediaType>();
        foreach (var mediaType in known.RawBodies)
        {
            content[mediaType] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } };
        }

        operation.RequestBody = new OpenApiRequestBody { Required = true, Content = content };
    }
}
