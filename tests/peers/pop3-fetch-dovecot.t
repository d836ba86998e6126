# pop3-fetch and Dovecot: all commands, over TCP with SCRAM and through a TLS command with
# STLS and with TLS from the start; PLAIN where there is nothing better; a wrong password.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Dovecot;
use FetchTest;
use PeerTest qw(certificate has_ipv6 scratch_dir spew subtest_with until_true);

need_dovecot(openssl => 'openssl');

my $dir = scratch_dir();
mkdir "$dir/mail" and chown scalar(getpwnam('mail')), -1, "$dir/mail" or die "$dir/mail: $!\n";
my (undef, $certificate, $key) = certificate();
my %with = (tls => [$certificate, $key], settings => <<"END");
mail_location = maildir:$dir/mail/%u
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
userdb {
	driver = static
}
passdb {
	driver = static
	args = password=secret
}
END
my $dovecot = Dovecot->new(%with);
my $plain = Dovecot->new(%with, mechanisms => 'plain');
my $users = 0;

# A server as FetchTest wants it: a user with new mail, and how the client comes there.
sub server
{
	my (%how) = @_;
	my $user = 'user' . ++$users . '@example.com';
	my %text = new_messages();

	for my $subject (sort keys %text) {
		my ($status, undef, $error) = $dovecot->deliver($user, $text{$subject});
		is($status, 0, "$subject is delivered") or diag($error, $dovecot->log);
	}
	return { user => $user, password => 'secret', %how };
}

# How the last login of a user was made, by the log.
sub login
{
	my ($dovecot, $user) = @_;
	my $line = qr/: Login: user=<\Q$user\E>, (.*)/;

	until_true(sub { $dovecot->log =~ $line });
	my ($last) = reverse $dovecot->log =~ /$line/g;
	return join ' ', ($last // '') =~ /method=([^,]*)/, ($last // '') =~ /, (TLS)/;
}

sub openssl
{
	my ($port, @more) = @_;
	return ['openssl', 's_client', '-quiet', '-connect', "localhost:$port", '-CAfile', $certificate,
		'-verify_return_error', '-verify_hostname', 'localhost', @more];
}

subtest 'over TCP' => sub {
	my $server = server(flags => ['-S', "127.0.0.1:$dovecot->{pop3}"]);
	fetches_mail($server);
	is(login($dovecot, $server->{user}), 'SCRAM-SHA-256', 'the password was not sent');
};

subtest 'over TCP with IPv6' => sub {
	plan skip_all => 'needs IPv6' if !has_ipv6();
	my $server = server(flags => ['-S', "[::1]:$dovecot->{pop3}"]);
	my ($status, $out, $error) = fetch($server, 'list');
	is($status, 0, 'list') or diag($error);
	is(scalar(() = $out =~ /^.*\bAnna\b/mg), 3, 'has three messages') or diag($out);
};

subtest 'with STLS' => sub {
	my $server = server(command => openssl($dovecot->{pop3}, '-starttls', 'pop3'));
	fetches_mail($server);
	is(login($dovecot, $server->{user}), 'SCRAM-SHA-256 TLS', 'in TLS');
};

subtest 'with TLS from the start' => sub {
	my $server = server(command => openssl($dovecot->{pop3s}));
	fetches_mail($server);
	is(login($dovecot, $server->{user}), 'SCRAM-SHA-256 TLS', 'in TLS');
};

subtest 'PLAIN' => sub {
	my $server = server(command => openssl($plain->{pop3}, '-starttls', 'pop3'));
	my ($status, $out, $error) = fetch($server, 'list');
	is($status, 0, 'in TLS') or diag($error);
	is(login($plain, $server->{user}), 'PLAIN TLS', 'is what it takes where there is no SCRAM');
};

subtest 'passwords' => sub {
	my $server = server(flags => ['-S', "127.0.0.1:$dovecot->{pop3}"]);
	my ($status, $out, $error) = fetch({ %$server, password => undef,
		flags => [@{ $server->{flags} }, '-w', '|printf "secret\nmore\n"'] }, 'list');
	is($status, 0, 'from a command') or diag($error);
	for ($dovecot, $plain) {
		($status, $out, $error) = fetch({ %$server, password => 'wrong', flags => ['-S', "127.0.0.1:$_->{pop3}"] }, 'list');
		is($status, 69, 'a wrong one is refused');
		is($out, '', 'nothing is printed');
		like($error, qr/\A[^\n]+\n\z/, 'but the reason');
	}
	($status, $out, $error) = fetch({ %$server, password => 'wrong', flags => [],
		command => openssl($dovecot->{pop3}, '-starttls', 'pop3') }, 'list');
	is("$status$out", '69', 'so in TLS');
	like($error, qr/refuses the login/, 'and the reason stands behind what openssl says');
};

done_testing();
