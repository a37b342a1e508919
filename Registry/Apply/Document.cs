namespace Sluice.Registry.Apply;

/// <summary>A value of a document with its place, so that a mistake is named by line and field.</summary>
/// <param name="Line">The line it begins in, from 1.</param>
/// <param name="Path">The fields that lead to it, e.g. <c>models.wine.gates[0].min</c>.</param>
internal abstract record DocumentNode(long Line, string Path)
{
    /// <summary>A mistake here.</summary>
    /// <param name="expectation">What is wrong, or what was expected.</param>
    public BadHttpRequestException Wrong(string expectation) =>
        new($"line {Line}{(Path.Length == 0 ? "" : $", {Path}")}: {expectation}.");
}

/// <summary>A text, number, truth value or null.</summary>
/// <param name="Line">Its line.</param>
/// <param name="Path">Its place.</param>
/// <param name="Text">As it is written, without quotes.</param>
/// <param name="IsPlain">Whether it was written without quotes, and so may be something else than a text.</param>
internal sealed record DocumentScalar(long Line, string Path, string Text, bool IsPlain) : DocumentNode(Line, Path)
{
    /// <summary>Whether it is null: nothing, <c>~</c> or <c>null</c>.</summary>
    public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";
}

/// <summary>Values by name, in the order they are written. No name comes twice.</summary>
internal sealed record DocumentMap(long Line, string Path, IReadOnlyList<(string Name, DocumentNode Value)> Fields) : DocumentNode(Line, Path)
{
    /// <summary>One value; null when there is none of this name.</summary>
    public DocumentNode? Find(string name) => Fields.FirstOrDefault(field => field.Name == name).Value;
}

/// <summary>Values in order.</summary>
internal sealed record DocumentList(long Line, string Path, IReadOnlyList<DocumentNode> Items) : DocumentNode(Line, Path);
