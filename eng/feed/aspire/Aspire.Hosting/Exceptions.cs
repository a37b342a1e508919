namespace Aspire.Hosting;

/// <summary>The application cannot be built or started as described.</summary>
public class DistributedApplicationException : Exception
{
    /// <summary>Without a message.</summary>
    public DistributedApplicationException()
    {
    }

    /// <summary>With a message.</summary>
    public DistributedApplicationException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public DistributedApplicationException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>Neither configuration nor a default has a value for a parameter.</summary>
/// <param name="message">Which, and where to set it.</param>
#pragma warning disable CA1032 // the constructors that the real one has and this one needs
public class MissingParameterValueException(string message) : DistributedApplicationException(message);
#pragma warning restore CA1032
