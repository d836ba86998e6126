# An Exim of a test's own: configuration, spool, log and port, all in a directory that goes
# away with the test.
package Exim;

use strict;
use warnings;
use Exporter 'import';
use PeerTest;
use Test::More;

our @EXPORT = qw(exim exim_configured exim_listening exim_relay exim_said);

# The directory of a new one, with this configuration behind what each has; in it %s is the
# directory.
sub exim_configured
{
	my ($configuration) = @_;
	my $dir = scratch_dir();

	mkdir "$dir/spool" and chown scalar getpwnam('mail'), scalar getgrnam('mail'), "$dir/spool" or die "$dir/spool: $!";
	spew("$dir/exim.conf", <<"END" . $configuration =~ s/%s/$dir/gr);
exim_user = mail
exim_group = mail
never_users =
spool_directory = $dir/spool
log_file_path = $dir/spool/%slog
primary_hostname = relay.example
keep_environment =
END
	return $dir;
}

# Runs it with these arguments.  Returns what run() does.
sub exim
{
	my ($dir, $input, @arguments) = @_;
	return run(['exim4', '-C', "$dir/exim.conf", @arguments], input => $input);
}

# Starts it as a server; returns its port.
sub exim_listening
{
	my ($dir) = @_;
	my $port = free_port();

	start("$dir/output", 'exim4', '-C', "$dir/exim.conf", '-bdf', '-oX', "127.0.0.1.$port", '-oP', "$dir/pid");
	wait_for_port($port) or BAIL_OUT('exim: ' . slurp("$dir/output") . mainlog($dir));
	return $port;
}

# Starts one that knows alice@, bob@, büro@ and user1@ to user12@, of example.com and, for who
# has logged in, of example.net; their mail goes to $dir/mail/NAME.  full@ is full.  Returns
# its port and directory, and the certificate that it has for TLS.
sub exim_relay
{
	my $users = join ' : ', 'alice', 'bob', 'büro', map { "user$_" } 1 .. 12;
	my $dir = exim_configured(<<'END' =~ s/USERS/$users/gr);
message_size_limit = 1000000
smtputf8_advertise_hosts = *
chunking_advertise_hosts = *
dsn_advertise_hosts = *
tls_certificate = %s/tls.pem
acl_smtp_rcpt = rcpt
recipients_max = 5
begin acl
rcpt:
  defer message = 4.2.2 Full
    local_parts = full
  require message = 5.7.1 Not here
    domains = example.com : example.net
  require message = 5.1.1 Nobody has that name
    local_parts = USERS
  deny message = 5.7.1 Log in first
    domains = example.net
    !authenticated = *
  accept
begin routers
all:
  driver = accept
  local_parts = USERS
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = %s/mail/$local_part_data
  maildir_format
  user = mail
  group = mail
begin retry
* * F,1h,1m
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{bob@example.com}}{eq{$auth3}{secret}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and{{eq{$auth1}{bob@example.com}}{eq{$auth2}{secret}}}}
  server_set_id = $auth1
END
	my ($user, $group) = (scalar getpwnam('mail'), scalar getgrnam('mail'));
	my ($both, $certificate) = certificate();
	spew("$dir/tls.pem", slurp($both));
	mkdir "$dir/mail" and chown $user, $group, "$dir/mail", "$dir/tls.pem" or die "$dir/mail: $!";
	return (exim_listening($dir), $dir, $certificate);
}

sub mainlog
{
	my ($dir) = @_;
	return -e "$dir/spool/mainlog" ? slurp("$dir/spool/mainlog") : '';
}

# Waits for the first line of its log that matches.
sub exim_said
{
	my ($dir, $pattern) = @_;
	my $found;

	until_true(sub { ($found) = grep { $_ =~ $pattern } split /\n/, mainlog($dir) }) or diag(mainlog($dir));
	return $found;
}

1;
