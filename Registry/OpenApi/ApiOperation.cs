namespace Sluice.Registry.OpenApi;

/// <summary>What the OpenAPI document says of one operation, beyond what its route and handler say themselves.</summary>
/// <param name="Method">GET, PUT, POST, PATCH, DELETE.</param>
/// <param name="Path">Its route.</param>
/// <param name="Id">A name for generated clients; unique.</param>
/// <param name="Summary">What it does, in a few words.</param>
internal sealed record ApiOperation(string Method, string Path, string Id, string Summary)
{
    /// <summary>The JSON body; null when it has none.</summary>
    public Type? Body { get; init; }

    /// <summary>Whether the body may be left out.</summary>
    public bool IsBodyOptional { get; init; }

    /// <summary>Media types of bodies that are no JSON.</summary>
    public string[] RawBodies { get; init; } = [];

    /// <summary>The JSON of the answer; null when it has none.</summary>
    public Type? Answer { get; init; }

    /// <summary>The media type of an answer that is no JSON.</summary>
    public string? RawAnswer { get; init; }

    /// <summary>The status of success; 204 where there is no answer, else 200.</summary>
    public int Status { get; init; }

    /// <summary>Parameters of the query that the handler reads itself.</summary>
    public string[] Query { get; init; } = [];

    /// <summary>The status that success has.</summary>
    public int SuccessStatus => Status != 0 ? Status : Answer is null && RawAnswer is null ? StatusCodes.Status204NoContent : StatusCodes.Status200OK;
}

/// <summary>The body of a PATCH or PUT of a model's or version's words.</summary>
/// <param name="Description">New description; null removes it, left out it stays.</param>
/// <param name="Tags">Tags to set; null removes one, those left out stay.</param>
internal sealed record WordsBody(string? Description = null, IReadOnlyDictionary<string, string?>? Tags = null);
