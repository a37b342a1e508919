using Microsoft.AspNetCore.Http.HttpResults;

namespace Sluice.Registry.Http;

/// <summary>A field that is not as expected.</summary>
/// <param name="Field">Its name or path, as the client wrote it.</param>
/// <param name="Expectation">What was expected, or what is wrong.</param>
internal sealed record FieldProblem(string Field, string Expectation)
{
    /// <summary>Null when a field is as expected.</summary>
    public static FieldProblem? Unless(bool asExpected, string field, string expectation) => asExpected ? null : new FieldProblem(field, expectation);
}

/// <summary>Answers to mistakes, as ProblemDetails.</summary>
internal static class Problems
{
    /// <summary>400: a field is not as expected.</summary>
    /// <param name="field">Its name or path, as the client wrote it.</param>
    /// <param name="expectation">What it is, and what was expected.</param>
    public static ProblemHttpResult Invalid(string field, string expectation) =>
        Refused(StatusCodes.Status400BadRequest, $"{field}: {expectation}.", ("field", field));

    /// <inheritdoc cref="Invalid(string, string)" />
    public static ProblemHttpResult Invalid(FieldProblem problem) => Invalid(problem.Field, problem.Expectation);

    /// <summary>400: a model's name breaks the rule.</summary>
    public static ProblemHttpResult InvalidModelName(string model) =>
        Invalid("model", $"'{model}' is not a model's name: {Contracts.ModelName.Rule} are expected");

    /// <summary>404: no such model.</summary>
    public static ProblemHttpResult NoModel(string model) => NotFound($"There is no model {model}.");

    /// <summary>404: no such version.</summary>
    public static ProblemHttpResult NoVersion(string model, string version) => NotFound($"There is no version {version} of {model}.");

    /// <summary>404: no such alias.</summary>
    public static ProblemHttpResult NoAlias(string model, string alias) => NotFound($"There is no alias {alias} of {model}.");

    /// <summary>404.</summary>
    public static ProblemHttpResult NotFound(string detail) => Refused(StatusCodes.Status404NotFound, detail);

    /// <summary>Any other refusal.</summary>
    /// <param name="status">Its status, from which its type follows (<see cref="ProblemTypes"/>).</param>
    /// <param name="detail">What is wrong and what was expected, in a sentence.</param>
    /// <param name="facts">More members of the answer, for programs.</param>
    public static ProblemHttpResult Refused(int status, string detail, params (string Name, object? Value)[] facts) => TypedResults.Problem(
        detail, statusCode: status, type: ProblemTypes.Of(status), extensions: facts.Select(fact => KeyValuePair.Create(fact.Name, fact.Value)));
}
