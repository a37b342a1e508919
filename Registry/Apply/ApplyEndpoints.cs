using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Sluice.Contracts;
using Sluice.Registry.Access;
using Sluice.Registry.Http;

namespace Sluice.Registry.Apply;

/// <summary><c>POST /api/apply</c>: makes the models so as a document describes them.</summary>
internal static class ApplyEndpoints
{
    private static readonly string[] MediaTypes = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "application/json"];

    /// <summary>Adds what applies documents.</summary>
    public static WebApplicationBuilder AddApply(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Applier>();
        builder.Services.AddHostedService<ModelsFileLoop>();
        return builder;
    }

    /// <summary>Maps it.</summary>
    public static void MapApply(this IEndpointRouteBuilder app) => app.MapPost(ApiPaths.Apply, Apply).Requires(Scopes.Register);

    private static async Task<Results<JsonHttpResult<ApplyResult>, ProblemHttpResult>> Apply(
        HttpContext context, Applier applier, CancellationToken cancellationToken)
    {
        var dryRun = ReadDryRun(context.Request.Query);
        var file = ModelsFileReader.Read(DocumentReader.Read(await ReadBodyAsync(context.Request, cancellationToken)));
        if (file.Models.FirstOrDefault(model => !context.Caller().Covers(model.Name)) is { } foreign)
        {
            return Problems.Refused(
                StatusCodes.Status403Forbidden, $"line {foreign.At.Line}, {foreign.At.Path}: the key is for the model {context.Caller().Model} only.");
        }

        var changes = new List<ApplyChange>();
        try
        {
            await applier.ApplyAsync(file, dryRun, changes, context.Caller(), cancellationToken);
            return TypedResults.Json(new ApplyResult(dryRun, changes), ContractsJson.Default.ApplyResult);
        }
        catch (BadHttpRequestException exception) when (changes.Count > 0)
        {
            // Each change is whole; those that were made stand, and doing it again goes on from them.
            return Problems.Refused(
                exception.StatusCode,
                $"{exception.Message} {changes.Count} change(s) before it were made.",
                ("changes", changes.ConvertAll(change => $"{change.Model}: {change.Text}")));
        }
    }

    private static bool ReadDryRun(IQueryCollection query) => query["dryRun"] switch
    {
        [] or ["false"] => false,
        ["true"] => true,
        var other => throw new BadHttpRequestException($"dryRun: '{other}' is neither true nor false."),
    };

    private static async Task<byte[]> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var media) || !MediaTypes.Any(type => media.MatchesMediaType(type)))
        {
            throw new BadHttpRequestException(
                $"Content-Type: '{request.ContentType}' is not supported; application/yaml or application/json is expected.", StatusCodes.Status415UnsupportedMediaType);
        }

        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await request.Body.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            body.Write(buffer, 0, read);
            if (body.Length > DocumentReader.Largest)
            {
                throw new BadHttpRequestException($"The document is larger than {DocumentReader.Largest >> 20} MiB.", StatusCodes.Status413PayloadTooLarge);
            }
        }

        return body.ToArray();
    }
}
