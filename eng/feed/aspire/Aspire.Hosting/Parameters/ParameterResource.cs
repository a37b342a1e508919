using System.Text.Json;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where the value of a parameter comes from when configuration has none.</summary>
public abstract class ParameterDefault
{
    /// <summary>The value.</summary>
    public abstract string GetDefaultValue();

    /// <summary>Writes into a manifest how the value is found.</summary>
    internal abstract void WriteTo(Utf8JsonWriter json);
}

/// <summary>A value that is known now and published with the application.</summary>
internal sealed class ConstantParameterDefault(string value) : ParameterDefault
{
    public override string GetDefaultValue() => value;

    internal override void WriteTo(Utf8JsonWriter json) => json.WriteString("value", value);
}

/// <summary>A value given from outside: configuration key <c>Parameters:name</c>.</summary>
public class ParameterResource : Resource, IExpressionValue
{
    private readonly Lazy<string> _value;

    /// <summary>A parameter.</summary>
    /// <param name="name">The resource's name.</param>
    /// <param name="callback">Finds the value, given the default; called once.</param>
    /// <param name="secret">Whether the dashboard masks it.</param>
    public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false)
        : base(name)
    {
        _value = new Lazy<string>(() => callback(Default));
        Secret = secret;
    }

    /// <summary>Where the value comes from when configuration has none.</summary>
    public ParameterDefault? Default { get; set; }

    /// <summary>Whether the dashboard masks it.</summary>
    public bool Secret { get; }

    /// <inheritdoc />
    public string ValueExpression => $"{{{Name}.value}}";

    /// <inheritdoc />
    /// <exception cref="MissingParameterValueException">Neither configuration nor default has one.</exception>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => new(_value.Value);
}
