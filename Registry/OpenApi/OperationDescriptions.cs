using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Sluice.Registry.OpenApi;

/// <summary>Tells the framework's description of the API what <see cref="ApiOperations"/> knows: bodies, answers, parameters. Requests are not touched by it.</summary>
internal sealed partial class OperationDescriptions : IApiDescriptionProvider
{
    private const string Json = "application/json";

    private static readonly Dictionary<(string Method, string Path), ApiOperation> Known =
        ApiOperations.All.ToDictionary(operation => (operation.Method, operation.Path));

    private static readonly ModelMetadata Text = new EmptyModelMetadataProvider().GetMetadataForType(typeof(string));

    /// <summary>After those that read routes and handlers.</summary>
    public int Order => 0;

    /// <summary>The row of a description; null when there is none.</summary>
    public static ApiOperation? Find(ApiDescription description) => Known.GetValueOrDefault((description.HttpMethod ?? "", "/" + description.RelativePath));

    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
        // Everything is done when the descriptions are there.
    }

    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
        foreach (var description in context.Results.ToList())
        {
            if (HttpMethods.IsHead(description.HttpMethod ?? ""))
            {
                context.Results.Remove(description); // it goes without saying where there is a GET
            }

            if (Find(description) is { } operation)
            {
                AddParameters(description, operation);
                AddAnswers(description, operation);
            }
        }
    }

    private static void AddParameters(ApiDescription description, ApiOperation operation)
    {
        var parameters = description.ParameterDescriptions;
        var inPath = PathParameter().Matches(operation.Path).Select(match => match.Groups[1].Value);
        foreach (var (name, source) in inPath.Select(name => (name, BindingSource.Path)).Concat(operation.Query.Select(name => (name, BindingSource.Query))))
        {
            if (!parameters.Any(parameter => parameter.Name == name))
            {
                parameters.Add(new ApiParameterDescription
                {
                    Name = name,
                    Source = source,
                    Type = typeof(string),
                    ModelMetadata = Text, // asked for where the type is a string
                    IsRequired = source == BindingSource.Path,
                });
            }
        }

        if (operation.Body is not null)
        {
            parameters.Add(new ApiParameterDescription { Name = "body", Source = BindingSource.Body, Type = operation.Body, IsRequired = !operation.IsBodyOptional });
            description.SupportedRequestFormats.Add(new ApiRequestFormat { MediaType = Json });
        }
    }

    private static void AddAnswers(ApiDescription description, ApiOperation operation)
    {
        var answers = description.SupportedResponseTypes;
        answers.Clear();
        var success = new ApiResponseType { StatusCode = operation.SuccessStatus, Type = operation.Answer ?? (operation.RawAnswer is null ? typeof(void) : typeof(byte[])) };
        if (operation.Answer is not null || operation.RawAnswer is not null)
        {
            success.ApiResponseFormats.Add(new ApiResponseFormat { MediaType = operation.RawAnswer ?? Json });
        }

        answers.Add(success);
        answers.Add(new ApiResponseType
        {
            IsDefaultResponse = true,
            Type = typeof(ProblemDetails),
            Description = "Refused, or failed: detail names the field and what was expected",
            ApiResponseFormats = { new ApiResponseFormat { MediaType = "application/problem+json" } },
        });
    }

    [GeneratedRegex(@"\{([A-Za-z]+)(:[a-z]+)?\}")]
    private static partial Regex PathParameter();
}
