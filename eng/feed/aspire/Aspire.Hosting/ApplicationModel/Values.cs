namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that is known at the latest when the application runs.</summary>
public interface IValueProvider
{
    /// <summary>The value; waits until it is known.</summary>
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
}

/// <summary>A value that a manifest can name without knowing it.</summary>
public interface IManifestExpressionProvider
{
    /// <summary>For example <c>{gateway.bindings.http.url}</c>.</summary>
    string ValueExpression { get; }
}

/// <summary>What an environment variable can be made of.</summary>
public interface IExpressionValue : IValueProvider, IManifestExpressionProvider;
