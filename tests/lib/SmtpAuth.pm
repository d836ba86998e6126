# AUTH over SMTP, as tests need it where a printed conversation will not do: messages that
# have to be computed, and failures that must not make a test wait.
package SmtpAuth;

use strict;
use warnings;
use Exporter qw(import);
use MailRoot qw(program run);
use Program;
use Scram qw(attributes client_final client_first decoded encoded);

our @EXPORT_OK = qw(plain greeted auth scram);

# The message of PLAIN, in base 64.
sub plain {
	my ($authzid, $user, $password) = @_;
	return encoded("$authzid\0$user\0$password");
}

# A session that has greeted.
sub greeted {
	my ($root, $flags, %with) = @_;
	my $client = Program->start(command => [ program('smtp-stdio'), '-d', $root, @{$flags || []} ], %with);
	$client->reply;
	$client->ask('EHLO client.example');
	return $client;
}

# The replies to these lines after EHLO, in a session that the client then ends: that also
# ends the wait after a failed login.
sub auth {
	my ($root, $flags, @lines) = @_;
	my ($output, $status) = run(join('', map { "$_\r\n" } 'EHLO client.example', @lines),
	    [ program('smtp-stdio'), '-d', $root, @$flags ]);
	$output =~ s/\A220 [^\n]*\n(?:250-[^\n]*\n)*250 [^\n]*\n// or return ("no greeting: $output");
	return map { s/\r\z//r } split /\n/, $output;
}

# AUTH SCRAM-SHA-256 in a session that has greeted.  Named arguments:
#   first, final   hashes for client_first() and client_final()
#   in_steps       true: the client's first message is not sent with AUTH
#   hang_up        true: nothing follows the client's last message, so that the session
#                  ends and a failure is told without a wait
# Returns a hash:
#   replies        all replies
#   reply          the last one
#   server_first   the server's messages, where they came
#   server_final
#   signature      what server_final has to be
sub scram {
	my ($client, $user, $password, %with) = @_;
	my $first = client_first($user, %{$with{first} || {}});
	my %done = (replies => []);
	my $ask = sub {
		push @{$done{replies}}, $done{reply} = $client->ask($_[0]);
		return $done{reply} =~ /^334 (\S*)$/ ? decoded($1) : undef;
	};
	if ($with{in_steps}) {
		defined $ask->('AUTH SCRAM-SHA-256') or return \%done;
	}
	$done{server_first} = $ask->(($with{in_steps} ? '' : 'AUTH SCRAM-SHA-256 ') . encoded($first));
	return \%done unless defined $done{server_first};
	my %server = attributes($done{server_first});
	return \%done unless defined $server{s} && defined $server{i} && defined $server{r};
	(my $final, $done{signature}) = client_final($password, $first, $done{server_first}, %{$with{final} || {}});
	if ($with{hang_up}) {
		$client->send(encoded($final) . "\r\n");
		$client->close_input;
		push @{$done{replies}}, $done{reply} = $client->reply;
		return \%done;
	}
	$done{server_final} = $ask->(encoded($final));
	$ask->('') if defined $done{server_final};
	return \%done;
}

1;
