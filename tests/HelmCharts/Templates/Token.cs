namespace Sluice.HelmCharts.Templates;

/// <summary>What a piece of a template is.</summary>
internal enum TokenKind
{
    Text,
    Open,
    Close,
    Word,
    Field,
    Variable,
    Dot,
    Number,
    StringLiteral,
    Character,
    Pipe,
    OpenParenthesis,
    CloseParenthesis,
    Declare,
    Assign,
    Comma,
    End,
}

/// <summary>A piece of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; of a literal what it means, of a field its name without the dot.</param>
/// <param name="Line">Where it begins.</param>
/// <param name="AfterSpace">Whether there is space before it: <c>.a.b</c> is one operand, <c>.a .b</c> are two.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Line, bool AfterSpace);
