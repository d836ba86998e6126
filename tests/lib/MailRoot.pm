# A mail root as tests see it: made with the programs under test, looked at with
# nothing but the file system.
package MailRoot;

use strict;
use warnings;
use Exporter qw(import);
use Program;

our @EXPORT_OK = qw(program new_directory remove_directory run add_account deliver messages
	contents crlf dot_stuffed);

# The path of a program of this build.
sub program {
	my ($name) = @_;
	my $build = $ENV{BUILD} || 'build';
	return "$build/$name";
}

# A new directory of our own below $TMPDIR.
sub new_directory {
	my $parent = $ENV{TMPDIR} || '/tmp';
	for (1 .. 100) {
		my $directory = sprintf '%s/mail-stdio.%d.%06d', $parent, $$, rand 1e6;
		return $directory if mkdir $directory, 0700;
	}
	die "cannot make a directory in $parent: $!\n";
}

sub remove_directory {
	my ($directory) = @_;
	local ($?, $!);
	system 'rm', '-rf', $directory if defined $directory && length $directory;
}

# Runs a program with this standard input.  Returns its output and its status.
sub run {
	my ($input, $command, %with) = @_;
	my $program = Program->start(command => $command, %with);
	$program->send($input);
	$program->close_input;
	return ($program->rest, $program->status);
}

# Makes an account; without a password nobody can log in to it.
sub add_account {
	my ($root, $address, $password) = @_;
	my @how = defined $password ? () : '-n';
	my ($output, $status) = run(defined $password ? "$password\n" : '',
	    [program('mailstore'), '-d', $root, 'add', @how, $address], errors => "$root.errors");
	my $errors = contents("$root.errors");
	unlink "$root.errors";
	die "mailstore add $address: $status $errors\n" if $status ne '0';
}

# Puts a message into a mailbox as everybody does: with smtp-stdio.
sub deliver {
	my ($root, $address, $message) = @_;
	my ($output, $status) = run("HELO client.example\r\nMAIL FROM:<sender\@client.example>\r\n"
	    . "RCPT TO:<$address>\r\nDATA\r\n" . dot_stuffed(crlf($message)) . ".\r\nQUIT\r\n",
	    [program('smtp-stdio'), '-d', $root]);
	die "smtp-stdio does not deliver to $address: $output\n"
	    if $status ne '0' || $output !~ /^354 .*\n250 .*\n221 /m;
}

# Text with CRLF at each line end, also the last.
sub crlf {
	my ($text) = @_;
	$text =~ s/\r?\n/\r\n/g;
	$text .= "\r\n" if length $text && substr($text, -2) ne "\r\n";
	return $text;
}

sub dot_stuffed {
	my ($text) = @_;
	$text =~ s/^\./../mg;
	return $text;
}

# The paths of the messages of a mailbox, new/ and cur/ together, in order of name.
sub messages {
	my ($root, $address) = @_;
	my ($local, $domain) = $address =~ /^(.*)@([^@]*)$/ or die "not an address: $address\n";
	my %paths;
	for my $folder ('new', 'cur') {
		my $directory = "$root/mail/$domain/$local/$folder";
		opendir my $listing, $directory or next;
		$paths{$_} = "$directory/$_" for grep { !/^\./ } readdir $listing;
	}
	return map { $paths{$_} } sort keys %paths;
}

sub contents {
	my ($path) = @_;
	open my $file, '<:raw', $path or die "$path: $!\n";
	local $/;
	my $octets = <$file>;
	return defined $octets ? $octets : '';
}

1;
