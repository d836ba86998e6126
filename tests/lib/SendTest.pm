# smtp-send as tests run it, and its messages as another program reads them.
package SendTest;

use strict;
use warnings;
use Exporter qw(import);
use JSON::PP qw(decode_json);
use MailRoot qw(contents new_directory program remove_directory);
use MIME::Base64 qw(decode_base64 encode_base64);
use Program;
use Test::More;

our @EXPORT = qw(smtp_send is_sent is_refused parsed trace_free odd_server own_file);

my ($directory, $owner, $files) = (undef, $$, 0);
END { remove_directory($directory) if $directory && $$ == $owner }

# A file of the test's, gone with it: its path.
sub own_file {
	my ($octets, $name) = @_;
	$directory ||= new_directory();
	$files++;
	mkdir "$directory/$files", 0700 or die "$directory/$files: $!\n";
	my $path = "$directory/$files/" . (defined $name ? $name : 'file');
	open my $file, '>:raw', $path or die "$path: $!\n";
	print $file $octets;
	close $file or die "$path: $!\n";
	return $path;
}

# Runs smtp-send with this standard input.  Returns its status and what it has said on
# standard error; it never says anything on standard output.  A server of ours that it
# starts logs elsewhere.  Named arguments as for Program, and
#   before    words in front of the command
sub smtp_send {
	my ($input, $arguments, %with) = @_;
	my $errors = own_file('');
	my %environment = (MAIL_STDIO_LOG => 'syslog', %{delete $with{environment} || {}});
	my $client = Program->start(command => [ @{$with{before} || []}, program('smtp-send'), @$arguments ],
	    errors => $errors, limit => 30, environment => \%environment, %with);
	$client->send($input);
	$client->close_input;
	my $output = $client->rest;
	my $status = $client->status;
	my $said = contents($errors);
	unlink $errors;
	$said .= "[standard output: $output]\n" if length $output;
	return ($status, $said);
}

# What is sent without a word.
sub is_sent {
	my ($name, $input, $arguments, %with) = @_;
	my ($status, $said) = smtp_send($input, $arguments, %with);
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $good = ok($status eq '0' && $said eq '', "$name: sent, and nothing is said");
	$good or diag("status $status\n", Program::visible($said));
	return $good;
}

# What fails with this status and with one line, or as many as there are patterns, in
# whatever order.
sub is_refused {
	my ($name, $expected, $patterns, $input, $arguments, %with) = @_;
	my ($status, $said) = smtp_send($input, $arguments, %with);
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @patterns = ref $patterns eq 'ARRAY' ? @$patterns : $patterns;
	my @lines = split /\n/, $said;
	my @without = grep { my $pattern = $_; !grep { /\Asmtp-send: / && $_ =~ $pattern } @lines } @patterns;
	my $good = ok($status eq $expected && @lines == @patterns && !@without, "$name: $expected, and why");
	$good or diag("status $status\n", map { Program::visible($_) . "\n" } @lines);
	return $good;
}

# What Python's email package makes of a message.  A hash:
#   header     [name, text] of each field, decoded
#   raw        [name, text] of each field, as it stands there
#   types      of all parts, also those that hold others
#   parts      those that do not: hashes with type, charset, encoding, disposition, filename
#              and content, which is octets
#   defects    what is wrong, in words
my $python;
sub parsed {
	my ($octets) = @_;
	$python ||= Program->start(limit => 60, command => [ 'python3', '-Ic', <<'END' ]);
import base64, email, email.header, email.policy, json, sys
def decoded(text):
    return str(email.header.make_header(email.header.decode_header(''.join(text.splitlines()))))
for line in sys.stdin:
    octets = base64.b64decode(line)
    message = email.message_from_bytes(octets, policy=email.policy.default)
    plain = email.message_from_bytes(octets, policy=email.policy.compat32)
    defects, parts, types = [], [], []
    for part in message.walk():
        types.append(part.get_content_type())
        defects += [d.__class__.__name__ for d in part.defects]
        for name, value in part.items():
            defects += ['%s: %s' % (name, d.__class__.__name__) for d in value.defects]
        if not part.is_multipart():
            content = part.get_payload(decode=True)
            parts.append(dict(type=part.get_content_type(), charset=part.get_content_charset(),
                encoding=str(part['Content-Transfer-Encoding'] or ''), disposition=part.get_content_disposition(),
                filename=part.get_filename(), content=base64.b64encode(content).decode()))
    print(json.dumps(dict(defects=defects, parts=parts, types=types,
        header=[[n, decoded(str(v))] for n, v in plain.items()],
        raw=[[n, str(v)] for n, v in plain.items()])), end='\r\n', flush=True)
END
	$python->send(encode_base64($octets, '') . "\n");
	my $parsed = eval { decode_json($python->line) } or die 'python3 cannot parse this: ', Program::visible($octets), "\n";
	$_->{content} = decode_base64($_->{content}) for @{$parsed->{parts}};
	return $parsed;
}

# A stored message without what the server has put on top.
sub trace_free {
	my ($octets) = @_;
	$octets =~ s/\AReturn-Path: [^\n]*\nReceived: [^\n]*\n(?:\t[^\n]*\n)+//;
	return $octets;
}

# The words for a server that keeps nothing and answers as these rules say, for the end of
# the argument list.
sub odd_server {
	return ('--', $^X, 'tests/odd-smtp-server', @_);
}

1;
